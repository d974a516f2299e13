//! What a host runs.

fn main() {
    waybill_rabbitmq_trigger::run();
}
