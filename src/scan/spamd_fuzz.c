/* What spamd says, out of any bytes. */
#include "scan/spamd_answer.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spam_verdict verdict;
	if (spamd_answer_parse(str_bytes(data, size), &verdict) != OK)
		return 0;
	check(verdict.tenths > -2000000 && verdict.tenths < 2000000);
	check(verdict.threshold_tenths > -2000000 && verdict.threshold_tenths < 2000000);
	size_t len = strnlen(verdict.rules, sizeof(verdict.rules));
	check(len < sizeof(verdict.rules));
	for (size_t i = 0; i < len; i++)
		check(verdict.rules[i] > ' ' && verdict.rules[i] < 0x7f);
	return 0;
}
