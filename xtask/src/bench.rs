use anyhow::Result;
pub struct Options;
impl Options {
    pub fn parse(_: lexopt::Parser) -> Result<Self> {
        Ok(Self)
    }
}
pub fn run(_: Options) -> Result<()> {
    Ok(())
}
