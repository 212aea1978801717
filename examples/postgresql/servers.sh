#!/bin/sh
# Three servers of PostgreSQL to try the guide "Roll out PostgreSQL extensions" on, with ten
# databases each whose clients call the extension hotswap_pay:
#
#   servers.sh start DIR   starts them, on 127.0.0.1:5433 to 5435 (FIRST_PORT), and writes the
#                          password of the role hotswap to DIR/pg.password
#   servers.sh stop DIR    ends them, and removes what they had
#
# It takes the programs of PostgreSQL on this machine (PG_BINDIR), copied to a folder of its own:
# the extension's files are put there, and nothing of the machine is touched. As root it runs them
# as the user postgres.
set -eu

usage() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
fail() { echo "servers.sh: $*" >&2; exit 1; }

as_user() {
	if [ "$(id -u)" = 0 ]; then (cd / && setpriv --reuid postgres --regid postgres --clear-groups "$@"); else "$@"; fi
}

# relocate copies the programs to $1: PostgreSQL looks for its files where it stands.
relocate() {
	share=$(dirname "$(find /usr/share/postgresql "${bin%/bin}/share" -name postgres.bki 2>/dev/null | grep "/${version}/\|${bin%/bin}/" | head -1)")
	[ -e "$share/postgres.bki" ] || fail "no files of PostgreSQL $version for $bin: set PG_BINDIR to the folder with initdb"
	mkdir -p "$1$bin" "$1$share/extension"
	cp "$bin/postgres" "$bin/initdb" "$bin/pg_ctl" "$1$bin/"
	ln -s "${bin%/bin}/lib" "$1${bin%/bin}/lib"
	for file in "$share"/*; do [ "$file" = "$share/extension" ] || ln -s "$file" "$1$share/"; done
	ln -s "$share"/extension/* "$1$share/extension/"
	cp "$here"/extension/* "$1$share/extension/"
}

sql() { # PORT DATABASE, and statements as input
	psql -X -q -v ON_ERROR_STOP=1 -h "$where" -p "$1" -U postgres -d "$2"
}

server() { # NUMBER
	port=$((first + $1 - 1))
	data=$where/pg-$1
	as_user "$where$bin/initdb" -D "$data" -A trust -U postgres -E UTF8 --no-sync >"$where/initdb.log" 2>&1 || fail "initdb: $(cat "$where/initdb.log")"
	printf 'local all postgres trust\nhost all hotswap 127.0.0.1/32 scram-sha-256\n' >"$data/pg_hba.conf"
	as_user "$where$bin/pg_ctl" -D "$data" -w -l "$data/log" -o "-p $port -k $where -c listen_addresses=127.0.0.1 -c fsync=off" start >/dev/null ||
		fail "pg-$1 does not start at 127.0.0.1:$port (FIRST_PORT): $(tail -3 "$data/log")"
	sql "$port" postgres <<-END
		CREATE ROLE app_owner;
		CREATE ROLE hotswap LOGIN PASSWORD '$(cat "$dir/pg.password")';
		GRANT app_owner TO hotswap;
		GRANT CREATE ON DATABASE postgres TO hotswap;
		GRANT pg_read_all_stats TO hotswap;
	END
	for n in $(seq $((($1 - 1) * 10 + 1)) $(($1 * 10))); do
		tenant=$(printf tenant_%02d "$n")
		echo "CREATE DATABASE $tenant OWNER app_owner STRATEGY file_copy" | sql "$port" postgres
		echo "SET ROLE app_owner; CREATE EXTENSION hotswap_pay VERSION '1.5.0'" | sql "$port" "$tenant"
		# A client, who calls ten times a second whatever becomes of it.
		(yes 'SELECT pay_fee(100) FROM pg_sleep(0.1);' | psql -X -q -o /dev/null -h "$where" -p "$port" -U postgres -d "$tenant") >/dev/null 2>&1 </dev/null &
	done
}

start() {
	[ ! -e "$dir/where" ] || fail "$dir has servers already: $0 stop $2"
	[ -n "$bin" ] && [ -x "$bin/initdb" ] || fail "no initdb in '$bin': install PostgreSQL, or set PG_BINDIR"
	command -v psql >/dev/null || fail "no psql: install the client of PostgreSQL"
	where=$(mktemp -d "${TMPDIR:-/tmp}/hotswap-pg.XXXXXX")
	chmod 755 "$where"
	echo "$where" >"$dir/where"
	(umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$dir/pg.password")
	version=$(basename "${bin%/bin}")
	relocate "$where"
	[ "$(id -u)" != 0 ] || chown postgres "$where"
	for one in 1 2 3; do server "$one"; done
	echo "three servers at 127.0.0.1:$first to $((first + 2)), with ten databases each; $0 stop $2 ends them"
}

stop() {
	[ -e "$dir/where" ] || fail "$dir has no servers"
	where=$(cat "$dir/where")
	for one in 1 2 3; do
		[ ! -e "$where/pg-$one/postmaster.pid" ] || as_user "$where$bin/pg_ctl" -D "$where/pg-$one" -m immediate stop >/dev/null
	done
	rm -rf "$where" "$dir/where" "$dir/pg.password"
}

[ $# = 2 ] || usage
here=$(cd "$(dirname "$0")" && pwd)
first=${FIRST_PORT:-5433}
bin=${PG_BINDIR:-$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)}
case $1 in
start) mkdir -p "$2" ;;
stop) [ -d "$2" ] || fail "$2 is not there" ;;
*) usage ;;
esac
dir=$(cd "$2" && pwd)
"$1" "$@"
