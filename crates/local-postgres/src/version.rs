/// The oldest major version that will do.
pub(crate) const LEAST_MAJOR: u32 = 15;
