use yew::prelude::*;

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct OwnImagePickerProps {
    pub host: layerlab_web::lazy::Host,
}

/// Filled when the explorer can answer.
#[component(OwnImagePicker)]
pub fn own_image_picker(_props: &OwnImagePickerProps) -> Html {
    Html::default()
}
