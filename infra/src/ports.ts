/** The ports of the system, the same as everywhere else in this repository. */
export const PORTS = {
    orders: 3333,
    invoices: 3334,
    /** Of every role of Waybill: /livez, /readyz and /metrics. */
    admin: 9464,
    kongProxy: 8000,
    kongStatus: 8100,
    amqp: 5672,
    /** Of Amazon MQ, which only speaks AMQP over TLS. */
    amqps: 5671,
    rabbitMQAdmin: 15672,
    postgres: 5432,
    nfs: 2049,
    otlpHttp: 4318,
    http: 80,
    https: 443,
} as const;
