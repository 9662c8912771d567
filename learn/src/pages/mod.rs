mod lesson;
mod open;
mod overview;
mod sandbox;
mod teacher;

pub use self::{lesson::LessonPage, open::OpenPage, overview::Overview, sandbox::SandboxPage};
