//! Builds nothing: it only tells cargo that a new migration changes the program, which the macro that reads the folder
//! cannot say.

fn main() {
    println!("cargo::rerun-if-changed=../migrations");
}
