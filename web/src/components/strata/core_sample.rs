use yew::prelude::*;

use crate::view_model::stack;

/// Width of the core and of the joints beside it; the style sheet knows the sum.
const CORE: f32 = 22.0;
const JOINT: f32 = 34.0;
/// A core that is not joined to the slabs stands still while they scroll.
const STANDING: f32 = 560.0;

/// The drill core: the layers in their true proportions by stored bytes. The figures are in the slabs.
pub fn core_sample(sizes: &[u64], joints: bool, chosen: Option<usize>) -> Html {
    let n = sizes.len();
    let height = if joints { stack::height(n) } else { STANDING };
    let segments = stack::core(sizes, height);
    let width = CORE + JOINT;
    let joints = segments.iter().filter(|_| joints);
    html! {
        <svg class="core" viewBox={format!("0 0 {width} {height}")} width={width.to_string()} height={height.to_string()} aria-hidden="true">
            { for joints.map(|segment| html! {
                <path
                    class={classes!("core__joint", (chosen == Some(segment.layer)).then_some("core__joint--chosen"))}
                    style={format!("--h:{}", stack::hue(segment.layer))}
                    transform={format!("translate({CORE} 0)")}
                    d={stack::joint(segment, stack::top(n, segment.layer), JOINT)}
                />
            }) }
            { for segments.iter().map(|segment| html! {
                <rect
                    class="core__piece" style={format!("--h:{}", stack::hue(segment.layer))} x="0"
                    y={format!("{:.2}", segment.top)} width={CORE.to_string()} height={format!("{:.2}", segment.height)}
                />
            }) }
        </svg>
    }
}
