/* For tests: what a list of stolen passwords holds (core/breached.h), in its order. */
#pragma once

enum { BREACHED_COUNT = 5 };

static const struct {
	const char *hash, *password;
} breached_list[BREACHED_COUNT] = {
	{"858944FE3129FD7FC57C2B2999C5711303335A3A", "stolen password dune"},
	{"8870FF44D9FF7888DD163988F85F3B8A5CB01689", "stolen password amber"},
	{"983483F5B1655C8F1ADFA72EBE9B7418F66EBAB9", "stolen password birch"},
	{"BC03F9B91F241FBB3DE191FA3043EA5E35FED50F", "stolen password elm"},
	{"F958A7CC79EF4983394D44760A6EBED8828C0C49", "stolen password cedar"},
};
