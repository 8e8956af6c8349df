/* What wrk can not measure: time to the first answer, latency at a given rate, a storm of sign-ins,
 * idle connections.
 *   client start PORT COMMAND...        milliseconds from exec to the first answer to GET /sign-in
 *   client pace PORT SECONDS RATE FILE  the request in FILE, RATE times a second (SECONDS 0: until
 *                                       standard input ends); median, 99 %, longest in ms, failures
 *   client storm PORT FILE...           all at once, again after Retry-After until let in;
 *                                       seconds it took, answers that asked to wait
 *   client hold PORT COUNT FILE         asks once on each of COUNT connections, says so, and holds
 *                                       them open until standard input ends */
#include "wire.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	PACERS = 16,
	SAMPLES_MAX = 1 << 20,
	START_TIME_MAX_S = 10,
	THREAD_STACK_BYTES = 512 * 1024,
};

static int port;

static void sleep_until(double at_s)
{
	struct timespec at = {.tv_sec = (time_t)at_s};
	at.tv_nsec = (long)((at_s - (double)at.tv_sec) * 1e9);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static void start_thread(pthread_t *thread, void *(*run)(void *), void *argument)
{
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, THREAD_STACK_BYTES);
	if (pthread_create(thread, &attributes, run, argument) != 0)
		wire_fail("pthread_create");
	pthread_attr_destroy(&attributes);
}

/* ---- start ---- */

static int start(char **command)
{
	static const char request[] = "GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n";
	double began = wire_now_s();
	pid_t child = fork();
	if (child == 0) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(command[0], command);
		wire_fail(command[0]);
	}
	struct wire wire = {.fd = -1};
	while (wire.fd < 0 && wire_now_s() - began < START_TIME_MAX_S) {
		wire.fd = wire_try_connect(port);
		if (wire.fd < 0)
			sleep_until(wire_now_s() + 0.0005);
	}
	if (wire.fd >= 0)
		wire_exchange(&wire, request, sizeof(request) - 1);
	double took = wire_now_s() - began;
	kill(child, SIGTERM);
	waitpid(child, NULL, 0);
	printf("%.1f\n", took * 1000);
	return wire.status == 200 ? 0 : 1;
}

/* ---- pace ---- */

struct pacer {
	const char *request;
	size_t request_bytes;
	double first_s, every_s, end_s;
	float *waits_ms;
	size_t count;
	size_t failures;
};

static atomic_bool is_over;

/* Counted from when it was due, so that a slow answer is not hidden by asking less. */
static void *pace(void *argument)
{
	struct pacer *pacer = argument;
	struct wire wire = {.fd = wire_connect(port)};
	for (double due = pacer->first_s; !is_over && due < pacer->end_s; due += pacer->every_s) {
		sleep_until(due);
		wire_exchange(&wire, pacer->request, pacer->request_bytes);
		if (pacer->count < SAMPLES_MAX / PACERS)
			pacer->waits_ms[pacer->count++] = (float)((wire_now_s() - due) * 1000);
		pacer->failures += wire.status != 200;
	}
	close(wire.fd);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	float left = *(const float *)a;
	float right = *(const float *)b;
	return (left > right) - (left < right);
}

static int run_pacers(double seconds, double rate, const char *path)
{
	static struct pacer pacers[PACERS];
	static float all[SAMPLES_MAX];
	pthread_t threads[PACERS];
	size_t bytes, count = 0, failures = 0;
	const char *request = wire_read_file(path, &bytes);
	double now = wire_now_s();
	for (int i = 0; i < PACERS; i++) {
		pacers[i] = (struct pacer){.request = request,
					   .request_bytes = bytes,
					   .first_s = now + 0.05 + i / rate,
					   .every_s = PACERS / rate,
					   .end_s = seconds > 0 ? now + seconds : now + 1e6,
					   .waits_ms = calloc(SAMPLES_MAX / PACERS, sizeof(float))};
		start_thread(&threads[i], pace, &pacers[i]);
	}
	if (seconds <= 0) {
		while (getchar() != EOF)
			continue;
		is_over = true;
	}
	for (int i = 0; i < PACERS; i++) {
		pthread_join(threads[i], NULL);
		memcpy(all + count, pacers[i].waits_ms, pacers[i].count * sizeof(float));
		count += pacers[i].count;
		failures += pacers[i].failures;
	}
	if (count == 0)
		return 1;
	qsort(all, count, sizeof(*all), compare);
	printf("%.1f %.1f %.1f %zu %zu\n", (double)all[count / 2], (double)all[count * 99 / 100],
	       (double)all[count - 1], failures, count);
	return 0;
}

/* ---- storm ---- */

struct visitor {
	const char *request;
	size_t request_bytes;
	int waited;
};

static void *visit(void *argument)
{
	struct visitor *visitor = argument;
	for (;;) {
		struct wire wire = {.fd = wire_connect(port)};
		wire_exchange(&wire, visitor->request, visitor->request_bytes);
		close(wire.fd);
		if (wire.status != 429) {
			if (wire.status / 100 != 2)
				fprintf(stderr, "a sign-in was answered with %d\n", wire.status);
			return NULL;
		}
		visitor->waited++;
		sleep_until(wire_now_s() + wire.retry_after_s);
	}
}

static int storm(char **paths, int count)
{
	struct visitor *visitors = calloc((size_t)count, sizeof(*visitors));
	pthread_t *threads = calloc((size_t)count, sizeof(*threads));
	int waited = 0;
	double began = wire_now_s();
	for (int i = 0; i < count; i++) {
		visitors[i].request = wire_read_file(paths[i], &visitors[i].request_bytes);
		start_thread(&threads[i], visit, &visitors[i]);
	}
	for (int i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		waited += visitors[i].waited;
	}
	printf("%.1f %d\n", wire_now_s() - began, waited);
	return 0;
}

/* ---- hold ---- */

static int hold(int count, const char *path)
{
	size_t bytes;
	const char *request = wire_read_file(path, &bytes);
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	for (int i = 0; i < count; i++) {
		struct wire wire = {.fd = wire_connect(port)};
		wire_exchange(&wire, request, bytes);
		if (wire.status != 200)
			wire_fail("an answer was not 200");
	}
	printf("held\n");
	fflush(stdout);
	while (getchar() != EOF)
		continue;
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 3 ? argv[1] : "";
	signal(SIGPIPE, SIG_IGN);
	port = argc > 2 ? atoi(argv[2]) : 0;
	if (strcmp(what, "start") == 0)
		return start(argv + 3);
	if (strcmp(what, "pace") == 0 && argc == 6)
		return run_pacers(atof(argv[3]), atof(argv[4]), argv[5]);
	if (strcmp(what, "storm") == 0)
		return storm(argv + 3, argc - 3);
	if (strcmp(what, "hold") == 0 && argc == 5)
		return hold(atoi(argv[3]), argv[4]);
	fprintf(stderr, "client start|pace|storm|hold PORT ...\n");
	return 2;
}
