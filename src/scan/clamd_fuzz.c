/* What clamd says, and where it is said to listen, out of any bytes. */
#include "scan/clamd_answer.h"
#include "scan/scan_address.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void fuzz_answer(struct str text)
{
	struct scan_result result;
	if (clamd_answer_parse(text, &result) != OK)
		return;
	size_t len = strnlen(result.signature, sizeof(result.signature));
	check(len < sizeof(result.signature));
	for (size_t i = 0; i < len; i++)
		check(result.signature[i] > ' ' && result.signature[i] < 0x7f);
	check(result.verdict != SCAN_INFECTED || len > 0);
	check(result.verdict != SCAN_CLEAN || str_eq(text, STR("stream: OK")));
}

static void fuzz_address(struct str text)
{
	struct scan_address address;
	if (scan_address_parse(text, &address) != OK)
		return;
	check(address.bytes > 0 && address.bytes <= sizeof(address.local));
	if (address.any.sa_family == AF_UNIX)
		check(strnlen(address.local.sun_path, sizeof(address.local.sun_path)) <
		      sizeof(address.local.sun_path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_answer(str_bytes(data, size));
	fuzz_address(str_bytes(data, size));
	return 0;
}
