# What bench/*/bench share, read with `.`: a portal in a folder that goes away, people in it, the peer, judging.
set -eu
ninja -C "$BUILD" postern bench/client src/store/store_bench >&2
client=$BUILD/bench/client
postern=$BUILD/postern
folder=$(mktemp -d "$BUILD/portal-XXXXXX")
cd "$folder"
port=18093
peer_port=18094
silent_port=18095 # nobody answers there: mails stay queued
password='a long walk by the river'
server=
peer=

stop() {
	[ -z "$1" ] || ! kill "$1" 2>/dev/null || wait "$1" || true
}
finish() {
	stop "$server"
	stop "$peer"
	cd /
	rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' INT TERM

serve() {
	"$postern" serve --data data --listen "127.0.0.1:$port" "$@" >>server.log 2>&1 &
	server=$!
	until curl -fs -o /dev/null "http://localhost:$port/sign-in"; do sleep 0.02; done
}

# MEASURE VALUE-WITH-UNIT ok|SLOW|- BESIDE
line() {
	printf '%s\t%s\t%s\t%s\n' "$@"
}
# judge MEASURE NUMBER UNIT '<='|'>=' LIMIT
judge() {
	verdict=$(awk -v number="$2" -v limit="$5" -v sign="$4" \
		'BEGIN { print ((sign == "<=" ? number <= limit : number >= limit) ? "ok" : "SLOW") }')
	line "$1" "$2 $3" "$verdict" "limit: $4 $5 $3"
}
# ratio MEASURE 'RATE PEER-RATE' LIMIT PEER
ratio() {
	echo "$2" | awk -v name="$1" -v limit="$3" -v peer="$4" '{
		verdict = $1 >= $2 * limit ? "ok" : "SLOW"
		printf "%s\t%d /s\t-\t\n", peer, $2
		printf "%s\t%d /s\t%s\t%.2f of that, limit: >= %s\n", name, $1, verdict, $1 / $2, limit
	}'
}
# Of three lines "RATE PEER-RATE" the one whose ratio is in the middle.
middle() {
	awk '{ print $1 / $2, $1, $2 }' | sort -n | sed -n '2s/^[^ ]* //p'
}
# rate WRK-ARGUMENTS: requests a second; an answer that is no success breaks off.
rate() {
	wrk -t2 -c64 "$@" >wrk.out
	if grep -E 'Non-2xx|Socket errors' wrk.out >&2; then exit 1; fi
	awk '/^Requests\/sec/ { printf "%.0f", $2 }' wrk.out
}
memory_mb() {
	awk '/^Pss:/ { printf "%.1f", $2 / 1024 }' "/proc/$server/smaps_rollup"
}
api() {
	curl -fsS -H "Authorization: Bearer $token" -H 'Content-Type: application/json' "http://localhost:$port/api/v1/$1" \
		-d @-
}
field() {
	sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"
}
# request FILE METHOD PATH HEADER [BODY]
request() {
	body_given=${5-}
	printf '%s %s HTTP/1.1\r\nHost: localhost:%s\r\n%s\r\nContent-Length: %s\r\n\r\n%s' \
		"$2" "$3" "$port" "$4" "${#body_given}" "$body_given" >"$1"
}


# begin_portal PEOPLE: Anna, who administers it ($token), and so many whom she has invited; $cookie is that of guest1. Not serving then.
begin_portal() {
	link=$("$postern" init --data data --name Bench --url "http://localhost:$port" --admin anna@example.com | tail -n 1)
	for grade in professional guest; do # as fast as it can
		"$postern" setting set --data data "messages_per_hour_$grade" 100000000 >/dev/null
	done
	serve
	register "${link##*/}" anna | curl -fsS -K -
	token=$(field token <answer-anna)
	addresses=$(for i in $(seq "$1"); do printf '"guest%s@example.com",' "$i"; done)
	printf '{"to":[%s],"subject":"Results","body":"%s"}' "${addresses%,}" "$body" | api messages >/dev/null
	while [ "$(find data/mail -name '*.eml' | wc -l)" -lt $((2 * $1)) ]; do sleep 0.1; done
	for i in $(seq "$1"); do
		mail=$(grep -l "^To: guest$i@example.com" data/mail/*.eml | xargs grep -l '/register/')
		register "$(sed -n 's,^http://.*/register/,,p' "$mail" | tr -d '\r')" "guest$i"
	done | curl -fsS -Z --parallel-max 4 -K -
	cookie=$(cookie_of guest1@example.com)
}
register() {
	printf 'next\nurl = "http://localhost:%s/api/v1/registrations/%s"\n' "$port" "$1"
	printf 'header = "Content-Type: application/json"\noutput = "answer-%s"\n' "$2"
	printf 'data = "{\\"name\\":\\"%s\\",\\"password\\":\\"%s\\"}"\n' "$2" "$password"
}
cookie_of() {
	curl -fsS -o /dev/null -D - -H "Origin: http://localhost:$port" --data-urlencode "address=$1" \
		--data-urlencode "password=$password" "http://localhost:$port/sign-in" | sed -n 's/^Set-Cookie: \(postern=[^;]*\);.*/\1/p'
}
body='Dear all,\n\nhere are the **results** of Monday:\n\n* blood: as it should be\n* heart: *strong*\n\nPlease read [this](https://example.com/advice) and come back in two weeks.\n\nKind regards\nAnna'

# nginx with a static file of 2 KB; until `stop "$peer"`.
begin_peer() {
	mkdir www
	head -c 2048 /dev/zero | tr '\0' 'x' >www/page.html
	peer_config >nginx.conf
	chmod 755 .
	nginx -p "$folder" -c "$folder/nginx.conf" 2>/dev/null &
	peer=$!
	until curl -fs -o /dev/null "http://localhost:$peer_port/page.html"; do sleep 0.05; done
}
peer_config() {
	cat <<CONF
worker_processes auto;
pid $folder/nginx.pid;
error_log $folder/nginx.log;
daemon off;
events { worker_connections 1024; }
http {
	access_log off;
	client_body_temp_path $folder/temp-body;
	proxy_temp_path $folder/temp-proxy;
	fastcgi_temp_path $folder/temp-fastcgi;
	uwsgi_temp_path $folder/temp-uwsgi;
	scgi_temp_path $folder/temp-scgi;
	keepalive_requests 1000000;
	server { listen 127.0.0.1:$peer_port; root $folder/www; }
}
CONF
}
