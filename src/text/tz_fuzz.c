/* Time zone files and rules of any bytes. */
#include "text/tz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t moments[] = {INT32_MIN, -1, 0, 1800000000, INT64_C(4000000000)};
	struct tz_file file;
	struct tz_rule rule;
	struct str bytes = str_bytes(data, size);
	bool has_rule = tz_rule_parse(bytes, &rule);
	bool has_file = tz_file_parse(bytes, &file) == OK;
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		if (has_rule)
			(void)tz_rule_offset_s(&rule, moments[i]);
		if (has_file)
			(void)tz_file_offset_s(&file, moments[i]);
	}
	if (has_file)
		tz_file_release(&file);
	return 0;
}
