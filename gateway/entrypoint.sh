#!/bin/sh
# Fills Kong's configuration in from the environment, and becomes Kong.
#
#   entrypoint.sh render              prints the configuration, the keys of KEYS_FILE included
#   entrypoint.sh settings            prints Kong's settings: those of kong.env, and what follows from the variables below
#   entrypoint.sh COMMAND ARGUMENT…   writes the configuration to KONG_DECLARATIVE_CONFIG, then runs the command with these settings
#
# LISTEN_ADDRESS                address of callers and of /metrics, ports 8000, 8443, 8100   127.0.0.1, 0.0.0.0 in the image
# ORDERS_UPSTREAM               HOST:PORT of the service; [::1]:3333 for IPv6                orders:3333
# INVOICES_UPSTREAM             the same                                                     invoices:3334
# RATE_LIMIT_PER_MINUTE         requests of one address in a minute                          6000
# WAYBILL_CORS_ORIGINS          origins whose pages may call, separated by commas            none
# KEYS_FILE                     keys that Kong checks, a line each: NAME KEY                 none: Waybill checks its own
# KONG_SSL_CERT, …_KEY          files of a certificate and its key, for port 8443            no TLS
# HTTPS_ONLY                    true: plain HTTP is answered 426                             false
# KONG_TRUSTED_IPS              proxies in front, whose X-Forwarded-For is believed          none
# OTEL_EXPORTER_OTLP_ENDPOINT   where traces go, by OTLP over HTTP                           nowhere
# OTEL_EXPORTER_OTLP_HEADERS    headers for that: NAME=VALUE,…                               none
# KONG_…                        any other setting of Kong, in place of that of kong.env
set -euf

folder=$(dirname "$0")

# Prints why a variable cannot be used. A value may be a URL with a password.
fail() { # NAME VALUE RULE EXAMPLE
  value=$(printf '%s' "$2" | sed 's|//[^/@]*@|//…@|g')
  echo "error: $1 is \"$value\", but must be $3; an example is $1=$4" >&2
  exit 2
}

# The same for a value that is secret.
refuse() { # NAME FAULT EXAMPLE
  echo "error: $1 $2; an example is $1=$3" >&2
  exit 2
}

# Fails unless the whole value matches; what matches holds nothing that means something to YAML.
check() { # NAME VALUE PATTERN RULE EXAMPLE
  if [ "$(printf '%s\n' "$2" | wc -l)" -ne 1 ] || ! printf '%s\n' "$2" | grep -Eq "^$3\$"; then
    fail "$1" "$2" "$4" "$5"
  fi
}

# Fails unless what follows the last colon is a port.
check_port() { # NAME VALUE ADDRESS EXAMPLE
  port=${3##*:}
  if [ "$port" -lt 1 ] || [ "$port" -gt 65535 ]; then fail "$1" "$2" "with a port from 1 to 65535" "$4"; fi
}

# Sets a variable that is not set, or empty, as Compose sets what its environment does not have.
settings=
preset() { # NAME VALUE
  settings="$settings $1"
  eval "given=\${$1:-}"
  if [ -z "$given" ]; then export "$1=$2"; fi
}

while IFS= read -r line; do
  case $line in '' | '#'*) continue ;; esac
  preset "${line%%=*}" "${line#*=}"
done < "$folder/kong.env"

ipv6='\[[0-9A-Fa-f:.]+\]'
host='[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?'

upstream() { # NAME VALUE EXAMPLE
  check "$1" "$2" "($host|$ipv6):[0-9]{1,5}" "HOST:PORT" "$3"
  check_port "$1" "$2" "$2" "$3"
}
orders=${ORDERS_UPSTREAM:-orders:3333}
invoices=${INVOICES_UPSTREAM:-invoices:3334}
upstream ORDERS_UPSTREAM "$orders" orders:3333
upstream INVOICES_UPSTREAM "$invoices" invoices:3334

limit=${RATE_LIMIT_PER_MINUTE:-6000}
check RATE_LIMIT_PER_MINUTE "$limit" '[1-9][0-9]{0,8}' "a whole number above 0" 6000

# --- Pages of other origins

# Prints an origin as browsers write it, in lower case and without the default port.
origin() { # TEXT
  name=$(printf '%s' "$1" | tr '[:upper:]' '[:lower:]')
  check WAYBILL_CORS_ORIGINS "$name" 'https?://[a-z0-9._-]+(:[0-9]{1,5})?' "origins, separated by commas" https://shop.example.com
  case ${name#*://} in *:*) check_port WAYBILL_CORS_ORIGINS "$name" "$name" https://shop.example.com ;; esac
  case $name in
    http://*:80) name=${name%:80} ;;
    https://*:443) name=${name%:443} ;;
  esac
  # Kong takes a name with any other character than these for a regular expression, in which a dot is any character.
  case $name in
    *[!a-z0-9.:/-]*) name="^$(printf '%s' "$name" | sed 's/\./\\./g')\$" ;;
  esac
  printf '%s' "$name"
}

origins=
list=${WAYBILL_CORS_ORIGINS:-},
while [ -n "$list" ]; do
  item=$(printf '%s' "${list%%,*}" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//')
  list=${list#*,}
  if [ -z "$item" ]; then continue; fi
  item=$(origin "$item")
  origins="$origins${origins:+, }'$item'"
done
cors=true
if [ -z "$origins" ]; then
  # Without any origin the plugin would allow all of them, if it were turned on.
  origins="'https://origin.invalid'"
  cors=false
fi

# --- Keys that Kong checks

consumers=
if [ -n "${KEYS_FILE:-}" ]; then
  if [ ! -r "$KEYS_FILE" ]; then fail KEYS_FILE "$KEYS_FILE" "a file that can be read" /etc/kong/keys; fi
  number=0
  while read -r name key rest || [ -n "${name:-}" ]; do
    number=$((number + 1))
    case $name in '' | '#'*) continue ;; esac
    if [ -n "${rest:-}" ] || ! printf '%s\n' "$name" | grep -Eq '^[A-Za-z0-9._-]{1,64}$' \
      || ! printf '%s\n' "$key" | grep -Eq '^[A-Za-z0-9._~+/=-]{32,256}$'; then
      refuse KEYS_FILE "has no NAME KEY in line $number, with a key of 32 to 256 characters as openssl rand -hex 32 prints" /etc/kong/keys
    fi
    consumers="$consumers${consumers:+, }{ username: '$name', keyauth_credentials: [{ key: '$key' }] }"
  done < "$KEYS_FILE"
  if [ -z "$consumers" ]; then refuse KEYS_FILE "has no key" /etc/kong/keys; fi
fi
keys=false
# Waybill's own host removes this header itself. Hosts that cannot check keys believe it, so no caller may send it.
removed=waybill-caller
if [ -n "$consumers" ]; then
  keys=true
  removed="$removed, authorization, apikey, x-api-key"
fi

# --- Addresses and TLS

address=${LISTEN_ADDRESS:-127.0.0.1}
check LISTEN_ADDRESS "$address" "([0-9]{1,3}(\.[0-9]{1,3}){3}|$ipv6)" "an IP address, one of IPv6 in brackets" 127.0.0.1
listen="$address:8000 reuseport backlog=16384"
if [ -z "${KONG_SSL_CERT:-}" ] && [ -z "${KONG_SSL_CERT_KEY:-}" ]; then
  # Kong would make a certificate that no client has a reason to trust.
  unset KONG_SSL_CERT KONG_SSL_CERT_KEY
else
  if [ -z "${KONG_SSL_CERT:-}" ]; then fail KONG_SSL_CERT "" "the certificate of KONG_SSL_CERT_KEY" /certificates/tls.crt; fi
  if [ -z "${KONG_SSL_CERT_KEY:-}" ]; then fail KONG_SSL_CERT_KEY "" "the key of KONG_SSL_CERT" /certificates/tls.key; fi
  listen="$listen, $address:8443 http2 ssl reuseport backlog=16384"
fi
preset KONG_PROXY_LISTEN "$listen"
preset KONG_STATUS_LISTEN "$address:8100"

if [ -z "${KONG_TRUSTED_IPS:-}" ]; then
  unset KONG_TRUSTED_IPS
else
  case $KONG_TRUSTED_IPS in
    # Others could write any address into X-Forwarded-For, and would have no limit of requests.
    */0*) fail KONG_TRUSTED_IPS "$KONG_TRUSTED_IPS" "the addresses of the proxies in front and of nothing else" 10.0.0.0/8 ;;
  esac
  # The right-most address that is not a proxy's is the caller's.
  preset KONG_REAL_IP_HEADER X-Forwarded-For
  preset KONG_REAL_IP_RECURSIVE on
fi

protocols='http, https'
case ${HTTPS_ONLY:-false} in
  false) ;;
  true)
    if [ -z "${KONG_SSL_CERT:-}${KONG_TRUSTED_IPS:-}" ]; then
      fail HTTPS_ONLY true "false without KONG_SSL_CERT or a proxy with TLS (KONG_TRUSTED_IPS)" false
    fi
    # An answer of 426, and no redirect, which would hide that a key has crossed the network as it is.
    protocols=https
    ;;
  *) fail HTTPS_ONLY "$HTTPS_ONLY" "true or false" true ;;
esac

# --- Traces

traces=false
# It has to be a URL even where the plugin is off.
endpoint=http://localhost:4318/v1/traces
headers=
if [ -n "${OTEL_EXPORTER_OTLP_ENDPOINT:-}" ]; then
  endpoint=$OTEL_EXPORTER_OTLP_ENDPOINT
  check OTEL_EXPORTER_OTLP_ENDPOINT "$endpoint" "https?://($host|$ipv6)(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?" \
    "an http or https URL" http://jaeger:4318
  authority=${endpoint#*://}
  authority=${authority%%/*}
  case ${authority##*]} in *:*) check_port OTEL_EXPORTER_OTLP_ENDPOINT "$endpoint" "$authority" http://jaeger:4318 ;; esac
  endpoint="${endpoint%/}"
  endpoint="${endpoint%/v1/traces}/v1/traces"
  if [ "$KONG_TRACING_INSTRUMENTATIONS" != off ]; then traces=true; fi

  example="api-key=VALUE"
  number=0
  list=${OTEL_EXPORTER_OTLP_HEADERS:-},
  while [ -n "$list" ]; do
    item=${list%%,*}
    list=${list#*,}
    if [ -z "$item" ]; then continue; fi
    name=$(printf '%s' "${item%%=*}" | tr '[:upper:]' '[:lower:]' | tr -d ' ')
    value=$(printf '%s' "${item#*=}" | sed 's/%20/ /g; s/%2[Cc]/,/g; s/%3[Dd]/=/g; s/%25/%/g')
    case $item in *=*) ;; *) name= ;; esac
    if ! printf '%s\n' "$name" | grep -Eq '^[a-z0-9-]+$' || printf '%s' "${item#*=}" | sed 's/%2[05Cc]//g; s/%3[Dd]//g' | grep -q %; then
      refuse OTEL_EXPORTER_OTLP_HEADERS "is not a list of NAME=VALUE, percent-encoded where a value has a space, a comma, = or %" "$example"
    fi
    number=$((number + 1))
    # Kong reads the value from here when it starts, so that no file has it.
    export "OTLP_HEADER_$number=$value"
    headers="$headers${headers:+, }'$name': '{vault://env/otlp-header-$number}'"
  done
fi
check KONG_TRACING_SAMPLING_RATE "$KONG_TRACING_SAMPLING_RATE" '(0|1|0?\.[0-9]{1,6}|1\.0{1,6})' "a number from 0 to 1" 0.1

# --- What this was called for

# Prints a text as sed's replacement.
text() {
  printf '%s' "$1" | sed 's/[&|\\]/\\&/g'
}

render() {
  sed -e "s|\${ORDERS_UPSTREAM}|$orders|g" \
    -e "s|\${INVOICES_UPSTREAM}|$invoices|g" \
    -e "s|\${RATE_LIMIT_PER_MINUTE}|$limit|g" \
    -e "s|\${PROTOCOLS}|$protocols|g" \
    -e "s|\${CORS_ORIGINS}|$(text "$origins")|g" \
    -e "s|\${CORS_ENABLED}|$cors|g" \
    -e "s|\${REMOVED_HEADERS}|$removed|g" \
    -e "s|\${KEYS_ENABLED}|$keys|g" \
    -e "s|\${CONSUMERS}|$consumers|g" \
    -e "s|\${TRACES_ENABLED}|$traces|g" \
    -e "s|\${TRACES_ENDPOINT}|$endpoint|g" \
    -e "s|\${TRACES_HEADERS}|$headers|g" \
    -e "s|\${TRACES_RATE}|$KONG_TRACING_SAMPLING_RATE|g" \
    "$folder/kong.template.yaml"
}

case ${1:-} in
  '') fail COMMAND "" "render, settings, or a command to run" "kong start" ;;
  render) render ;;
  settings)
    for name in $settings; do
      eval "printf '%s=%s\n' \"\$name\" \"\$$name\""
    done
    ;;
  *)
    preset KONG_DECLARATIVE_CONFIG "${KONG_PREFIX:-/usr/local/kong}/waybill.yaml"
    mkdir -p "$(dirname "$KONG_DECLARATIVE_CONFIG")"
    # It may hold keys, so that only this account may read it.
    rm -f "$KONG_DECLARATIVE_CONFIG"
    (umask 077 && render > "$KONG_DECLARATIVE_CONFIG")
    # `docker-start` is a command of the entry points of Kong's images; where they are depends on whose image it is.
    if [ "${2:-}" = docker-start ]; then
      for next in /docker-entrypoint.sh /entrypoint.sh; do
        if [ -x "$next" ]; then exec "$next" "$@"; fi
      done
      fail "the image" "without /docker-entrypoint.sh and /entrypoint.sh" "one of Kong's" kong:3.9.1
    fi
    exec "$@"
    ;;
esac
