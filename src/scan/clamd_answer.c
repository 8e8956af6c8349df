#include "scan/clamd_answer.h"

/* By AlertExceedsMax of clamd.conf: nothing was found, but not all was looked at. */
static const char limits_prefix[] = "Heuristics.Limits.Exceeded";

static void copy_signature(struct str name, struct scan_result *result)
{
	size_t len = name.len < SCAN_SIGNATURE_BYTES ? name.len : SCAN_SIGNATURE_BYTES - 1;
	for (size_t i = 0; i < len; i++) {
		char c = name.data[i];
		result->signature[i] = c > ' ' && c < 0x7f ? c : '?';
	}
}

enum err clamd_answer_parse(struct str answer, struct scan_result *ret)
{
	struct scan_result result = {.verdict = SCAN_CLEAN};
	const struct str start = STR("stream: "), found = STR(" FOUND");
	if (str_eq(answer, STR("INSTREAM size limit exceeded. ERROR"))) {
		result.verdict = SCAN_TOO_LARGE;
	} else if (str_starts_with(answer, start) && str_ends_with(answer, found) &&
		   answer.len > start.len + found.len) {
		struct str name = str_slice(answer, start.len, answer.len - start.len - found.len);
		result.verdict = str_starts_with(name, str_of(limits_prefix)) ? SCAN_TOO_LARGE
									      : SCAN_INFECTED;
		copy_signature(name, &result);
	} else if (!str_eq(answer, STR("stream: OK"))) {
		return ERR_UNAVAILABLE;
	}
	*ret = result;
	return OK;
}
