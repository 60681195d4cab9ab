# What both parts use.

# What prepares is not shown, until `loud`, unless it fails.
quiet() {
  exec 3>&1 > "$folder/log" 2>&1
  trap 'tail -n 30 "$folder/log" >&3' EXIT
}

loud() {
  exec >&3 2>&1
  trap - EXIT
}

# Says what is to hold, and ends where it does not.
check() {
  local title=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "ok: $title"
  else
    printf 'NOT: %s\n%s\n%s\n' "$title" "$*" "$output"
    exit 1
  fi
}

# For what takes a while.
soon() {
  for _ in {1..600}; do
    if "$@" &> /dev/null; then return; fi
    sleep 0.1
  done
  "$@"
}

# Whether a command ends with this code.
exits() {
  local code=0
  "${@:2}" || code=$?
  ((code == $1))
}

# A block of commands in docs/operating.md, by its heading.
documented() {
  sed --quiet "/^## $1/,/^## /{/^\`\`\`sh/,/^\`\`\`/p}" docs/operating.md | grep --invert-match '^```'
}

# Asks the service with the key: a path, and options of curl.
ask() {
  curl --silent --show-error --fail-with-body --header "Authorization: Bearer $key" "http://127.0.0.1:8000$1" "${@:2}"
}

ready() { curl --silent --fail http://127.0.0.1:8000/healthz/ready; }

post() {
  ask /api/v1/events --json "{
    \"specversion\": \"1.0\", \"id\": \"$1\", \"source\": \"api\", \"type\": \"call\", \"subject\": \"acme\", \"time\": \"2026-03-01T00:00:00Z\" }"
}

counted() { ask '/api/v1/counts?source=posted&subject=acme' | grep "\"count\":$1,"; }
