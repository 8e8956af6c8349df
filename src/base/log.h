/* One line per event on standard error: time, level, event, request id, key=value fields. Nothing
 * from outside can break the line: values are quoted and control characters escaped. */
#pragma once

#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_ALARM };

struct log_field {
	const char *key;
	struct str text; /* used when is_number is false */
	int64_t number;
	bool is_number;
};

#define LOG_STR(k, s) ((struct log_field){.key = (k), .text = (s)})
#define LOG_CSTR(k, s) ((struct log_field){.key = (k), .text = str_of(s)})
#define LOG_INT(k, i) ((struct log_field){.key = (k), .number = (i), .is_number = true})

/* log_event(LOG_INFO, "mail.written", LOG_STR("path", path)); `event` is a dotted, stable word.
 * LOG_ALARM: stored data fails its authentication; somebody must look. */
#define log_event(level, event, ...)                                                               \
	log_write((level), (event), (const struct log_field[]){{.key = NULL}, ##__VA_ARGS__},      \
		  sizeof((const struct log_field[]){{.key = NULL}, ##__VA_ARGS__}) /               \
			  sizeof(struct log_field))

/* fields[0] is a dummy, so that an empty list is a valid array. */
void log_write(enum log_level level, const char *event, const struct log_field *fields,
	       size_t count);

/* Lines below this level are dropped. Set once at start; LOG_INFO by default. */
void log_set_level(enum log_level level);
/* The id that lines of this thread carry from now on; empty for none. Copied, at most 32 bytes. */
void log_set_request(struct str request_id);
struct str log_request(void);
