//! What the macros accept: each module is written as a program would write it, compiles, and means what it says.

// Much here is only there to be compiled.
#![allow(dead_code)]

mod collection_options;
mod cycles;
mod events;
mod field_types;
mod filters;
mod jobs;
mod main_exit_code;
mod main_result;
mod select_names;
mod visibility;
