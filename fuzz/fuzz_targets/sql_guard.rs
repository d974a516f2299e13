#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| waybill_fuzz::sql_guard::check(data));
