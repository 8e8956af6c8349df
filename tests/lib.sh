# shellcheck shell=sh
# Shared by tests/run and tests/check: a scratch folder that goes away, a build with its tests, a private PostgreSQL.
# Sourced with the working folder at the top of the source tree.

scratch=$(mktemp -d /tmp/postern-test.XXXXXX)
chmod 711 "$scratch" # PostgreSQL runs as another user when the tests run as root
TMPDIR=$scratch # what tests leave lying about goes away with it
export TMPDIR
has_postgres=no

clean_up() {
	[ $has_postgres = no ] || tests/postgres stop "$scratch/postgres" >/dev/null 2>&1 || true
	rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# set_up FOLDER [meson setup option...]: makes the build folder, unless it is there.
set_up() {
	[ -f "$1/build.ninja" ] || meson setup "$@"
}

# build_tests FOLDER [meson setup option...]: builds everything, test programs included.
build_tests() {
	set_up "$@" && ninja -C "$1" all meson-test-prereq
}

# Tests of the store run on PostgreSQL too when POSTERN_TEST_POSTGRES names one.
start_postgres() {
	has_postgres=yes
	POSTERN_TEST_POSTGRES=$(tests/postgres start "$scratch/postgres") || {
		echo "PostgreSQL did not start, so half of the tests can not run."
		echo "0 passed, 1 failed"
		exit 1
	}
	export POSTERN_TEST_POSTGRES
}
