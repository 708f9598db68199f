//! bakend.
