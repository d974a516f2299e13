#!/bin/sh
# Fills Kong's configuration in from the environment, and becomes Kong.
#
#   entrypoint.sh render              prints the configuration
#   entrypoint.sh COMMAND ARGUMENT…   writes it to KONG_DECLARATIVE_CONFIG, then runs the image's own entry point with these
#
# ORDERS_UPSTREAM, INVOICES_UPSTREAM   HOST:PORT of the services               orders:3333, invoices:3334
# RATE_LIMIT_PER_MINUTE                requests of one address in a minute      6000
# WAYBILL_CORS_ORIGINS                 origins whose pages may call, by commas  none
# OTEL_EXPORTER_OTLP_ENDPOINT          where traces go                          nowhere
set -eu

fail() {
  echo "error: $1 is \"$2\", but must be $3; an example is $1=$4" >&2
  exit 2
}

# Prints a variable if its whole value matches; what matches holds nothing that means something to sed or YAML.
checked() { # NAME VALUE PATTERN RULE EXAMPLE
  if [ "$(printf '%s\n' "$2" | wc -l)" -ne 1 ] || ! printf '%s\n' "$2" | grep -Eq "^$3\$"; then
    fail "$1" "$2" "$4" "$5"
  fi
  printf '%s' "$2"
}

upstream='([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?):[0-9]{1,5}'
origin='https?://[A-Za-z0-9.:_-]+'

orders=$(checked ORDERS_UPSTREAM "${ORDERS_UPSTREAM:-orders:3333}" "$upstream" "HOST:PORT" orders:3333)
invoices=$(checked INVOICES_UPSTREAM "${INVOICES_UPSTREAM:-invoices:3334}" "$upstream" "HOST:PORT" invoices:3334)
limit=$(checked RATE_LIMIT_PER_MINUTE "${RATE_LIMIT_PER_MINUTE:-6000}" '[1-9][0-9]{0,8}' "a whole number above 0" 6000)

if [ -n "${WAYBILL_CORS_ORIGINS:-}" ]; then
  list=$(checked WAYBILL_CORS_ORIGINS "$WAYBILL_CORS_ORIGINS" "$origin(,$origin)*" "origins, separated by commas" \
    https://shop.example.com)
  origins="[\"$(printf '%s' "$list" | sed 's/,/", "/g')\"]"
  cors=true
else
  # Without any origin the plugin would allow all of them, if it were turned on.
  origins='["https://origin.invalid"]'
  cors=false
fi

if [ -n "${OTEL_EXPORTER_OTLP_ENDPOINT:-}" ]; then
  endpoint=$(checked OTEL_EXPORTER_OTLP_ENDPOINT "$OTEL_EXPORTER_OTLP_ENDPOINT" 'https?://[A-Za-z0-9._:/-]+' \
    "an http or https URL" http://jaeger:4318)
  endpoint="${endpoint%/}"
  endpoint="${endpoint%/v1/traces}/v1/traces"
  traces=true
else
  # It has to be a URL even where the plugin is off.
  endpoint=http://localhost:4318/v1/traces
  traces=false
fi

render() {
  sed -e "s|\${ORDERS_UPSTREAM}|$orders|g" \
    -e "s|\${INVOICES_UPSTREAM}|$invoices|g" \
    -e "s|\${RATE_LIMIT_PER_MINUTE}|$limit|g" \
    -e "s|\${CORS_ORIGINS}|$origins|g" \
    -e "s|\${CORS_ENABLED}|$cors|g" \
    -e "s|\${TRACES_ENABLED}|$traces|g" \
    -e "s|\${TRACES_ENDPOINT}|$endpoint|g" \
    "$(dirname "$0")/kong.template.yaml"
}

if [ "${1:-}" = render ]; then
  render
  exit 0
fi

: "${KONG_DECLARATIVE_CONFIG:=/tmp/kong.yaml}"
export KONG_DECLARATIVE_CONFIG
render > "$KONG_DECLARATIVE_CONFIG"
# Where Kong's own entry point is depends on whose image it is.
for next in /docker-entrypoint.sh /entrypoint.sh; do
  if [ -x "$next" ]; then exec "$next" "$@"; fi
done
fail "the image" "without /docker-entrypoint.sh and /entrypoint.sh" "one of Kong's" kong:3.9.1
