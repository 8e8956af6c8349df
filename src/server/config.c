#include "server/config.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "text/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WORKERS_MAX = 1024, PASSWORD_WORKERS_MAX = 64 };

enum kind { KIND_TEXT, KIND_COUNT, KIND_LOG_LEVEL };

static const struct setting {
	const char *key;
	size_t offset;
	enum kind kind;
	int64_t max;      /* of a count */
	bool is_reloaded; /* SIGHUP takes a changed value into use */
} settings[] = {
	{"audit-checkpoints", offsetof(struct config, audit_checkpoints), KIND_TEXT},
	{"breached-passwords", offsetof(struct config, breached_passwords), KIND_TEXT},
	{"clamd", offsetof(struct config, clamd), KIND_TEXT},
	{"destructions", offsetof(struct config, destructions), KIND_TEXT},
	{"listen", offsetof(struct config, listen), KIND_TEXT},
	{"log-level", offsetof(struct config, log_level), KIND_LOG_LEVEL, .is_reloaded = true},
	{"mail", offsetof(struct config, mail), KIND_TEXT, .is_reloaded = true},
	{"mail-ca", offsetof(struct config, mail_ca), KIND_TEXT, .is_reloaded = true},
	{"mail-from", offsetof(struct config, mail_from), KIND_TEXT, .is_reloaded = true},
	{"password-workers", offsetof(struct config, password_workers), KIND_COUNT,
	 PASSWORD_WORKERS_MAX},
	{"private-targets", offsetof(struct config, private_targets), KIND_TEXT},
	{"spamd", offsetof(struct config, spamd), KIND_TEXT},
	{"store", offsetof(struct config, store), KIND_TEXT},
	{"tls-cert", offsetof(struct config, tls_cert), KIND_TEXT},
	{"tls-key", offsetof(struct config, tls_key), KIND_TEXT},
	{"trusted-proxies", offsetof(struct config, trusted_proxies), KIND_TEXT},
	{"workers", offsetof(struct config, workers), KIND_COUNT, WORKERS_MAX},
};
enum { SETTING_COUNT = sizeof(settings) / sizeof(settings[0]) };

static const struct {
	const char *word;
	enum log_level level;
} log_levels[] = {
	{"debug", LOG_DEBUG}, {"info", LOG_INFO}, {"warn", LOG_WARN}, {"error", LOG_ERROR}};

/* The administrator's language is not known here. */
#define SAY(arena, id, ...) TEXT_FILL((arena), language_find(STR("en")), (id), __VA_ARGS__)

/* Plain digits, as they are written in the file. */
#define NUMBER(arena, name, value)                                                                 \
	TEXT_ARG((name), arena_printf((arena), "%" PRId64, (int64_t)(value)))

static void set_defaults(struct arena *arena, struct config *config)
{
	*config = (struct config){
		.arena = arena, .listen = STR("127.0.0.1:8080"), .log_level = LOG_INFO};
}

static const struct setting *find_setting(struct str key)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (str_eq(key, str_of(settings[i].key)))
			return &settings[i];
	}
	return NULL;
}

static struct str setting_names(struct arena *arena)
{
	CLEANUP_BUF struct buf names;
	buf_init(&names, 1024);
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		buf_add(&names, i ? STR(", ") : STR_NONE);
		buf_add(&names, str_of(settings[i].key));
	}
	return arena_copy(arena, buf_str(&names));
}

static enum err set_count(struct config *config, const struct setting *setting, struct str value,
			  struct str *ret_message)
{
	struct arena *arena = config->arena;
	int64_t count;
	if (!str_to_int(value, &count) || count < 1 || count > setting->max) {
		*ret_message =
			SAY(arena, TEXT_CONFIG_COUNT_BAD, TEXT_ARG("key", str_of(setting->key)),
			    NUMBER(arena, "max", setting->max));
		return ERR_INVALID;
	}
	*(int64_t *)((char *)config + setting->offset) = count;
	return OK;
}

static enum err set_log_level(struct config *config, struct str value, struct str *ret_message)
{
	for (size_t i = 0; i < sizeof(log_levels) / sizeof(log_levels[0]); i++) {
		if (str_eq(value, str_of(log_levels[i].word))) {
			config->log_level = log_levels[i].level;
			return OK;
		}
	}
	*ret_message =
		SAY(config->arena, TEXT_CONFIG_LOG_LEVEL_BAD, TEXT_ARG("key", STR("log-level")));
	return ERR_INVALID;
}

static enum err set_text(struct config *config, const struct setting *setting, struct str value)
{
	struct str copy = arena_copy(config->arena, value);
	if (config->arena->failed)
		return ERR_UNAVAILABLE;
	*(struct str *)((char *)config + setting->offset) = copy;
	return OK;
}

enum err config_set(struct config *config, struct str key, struct str value,
		    struct str *ret_message)
{
	const struct setting *setting = find_setting(key);
	struct arena *arena = config->arena;
	if (setting == NULL) {
		*ret_message =
			SAY(arena, TEXT_CONFIG_KEY_UNKNOWN, TEXT_ARG("key", utf8_first(key, 100)),
			    TEXT_ARG("keys", setting_names(arena)));
		return ERR_NOT_FOUND;
	}
	if (value.len == 0 || value.len > LIMIT_CONFIG_VALUE_BYTES || !utf8_is_line(value)) {
		enum text_id id = value.len == 0 ? TEXT_CONFIG_VALUE_MISSING
				  : value.len > LIMIT_CONFIG_VALUE_BYTES
					  ? TEXT_CONFIG_VALUE_TOO_LONG
					  : TEXT_CONFIG_VALUE_UNREADABLE;
		*ret_message = SAY(arena, id, TEXT_ARG("key", key),
				   NUMBER(arena, "max", LIMIT_CONFIG_VALUE_BYTES));
		return ERR_INVALID;
	}
	switch (setting->kind) {
	case KIND_COUNT: return set_count(config, setting, value, ret_message);
	case KIND_LOG_LEVEL: return set_log_level(config, value, ret_message);
	case KIND_TEXT: break;
	}
	return set_text(config, setting, value);
}

enum err config_check(const struct config *config, struct str *ret_message)
{
	bool has_cert = config->tls_cert.len > 0;
	if (has_cert == (config->tls_key.len > 0))
		return OK;
	*ret_message = SAY(config->arena, TEXT_CONFIG_TLS_HALF,
			   TEXT_ARG("given", has_cert ? STR("tls-cert") : STR("tls-key")),
			   TEXT_ARG("missing", has_cert ? STR("tls-key") : STR("tls-cert")));
	return ERR_INVALID;
}

static bool is_same(const struct setting *setting, const struct config *a, const struct config *b)
{
	const char *value_a = (const char *)a + setting->offset;
	const char *value_b = (const char *)b + setting->offset;
	switch (setting->kind) {
	case KIND_COUNT: return *(const int64_t *)value_a == *(const int64_t *)value_b;
	case KIND_LOG_LEVEL: return a->log_level == b->log_level;
	case KIND_TEXT: break;
	}
	return str_eq(*(const struct str *)value_a, *(const struct str *)value_b);
}

const char *config_next_fixed_change(const struct config *running, const struct config *next,
				     size_t *at)
{
	while (*at < SETTING_COUNT) {
		const struct setting *setting = &settings[(*at)++];
		if (!setting->is_reloaded && !is_same(setting, running, next))
			return setting->key;
	}
	return NULL;
}

/* ---- the file ---- */

/* One line; which settings were seen before is kept by their place in the table. */
static enum err parse_line(struct config *config, struct str line, int64_t seen_at[SETTING_COUNT],
			   int64_t number, struct str *ret_message)
{
	struct arena *arena = config->arena;
	line = str_trim(line);
	if (line.len == 0 || line.data[0] == '#')
		return OK;
	ptrdiff_t equals = str_find_char(line, '=');
	if (!utf8_is_line(line) || equals <= 0) {
		*ret_message =
			text_get(language_find(STR("en")),
				 equals <= 0 ? TEXT_CONFIG_LINE_BAD : TEXT_CONFIG_LINE_UNREADABLE);
		return ERR_INVALID;
	}
	struct str key = str_trim(str_slice(line, 0, (size_t)equals));
	struct str value = str_trim(str_slice(line, (size_t)equals + 1, line.len));
	const struct setting *setting = find_setting(key);
	if (setting && seen_at[setting - settings] > 0) {
		*ret_message = SAY(arena, TEXT_CONFIG_KEY_TWICE, TEXT_ARG("key", key),
				   NUMBER(arena, "line", seen_at[setting - settings]));
		return ERR_INVALID;
	}
	if (setting)
		seen_at[setting - settings] = number;
	enum err err = config_set(config, key, value, ret_message);
	return err == ERR_NOT_FOUND ? ERR_INVALID : err;
}

enum err config_parse(struct arena *arena, struct str file, struct str content, struct config *ret,
		      struct str *ret_message)
{
	struct config config;
	int64_t seen_at[SETTING_COUNT] = {0};
	struct str line;
	set_defaults(arena, &config);
	/* Some editors begin a file with a byte-order mark. */
	if (str_starts_with(content, STR("\xef\xbb\xbf")))
		content = str_slice(content, 3, content.len);
	for (int64_t number = 1; str_next(&content, '\n', &line); number++) {
		struct str message = STR_NONE;
		enum err err = parse_line(&config, line, seen_at, number, &message);
		if (err != OK) {
			*ret_message =
				SAY(arena, TEXT_CONFIG_AT_LINE, TEXT_ARG("file", file),
				    NUMBER(arena, "line", number), TEXT_ARG("message", message));
			return err;
		}
	}
	*ret = config;
	return OK;
}

static void close_file(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* ERR_NOT_FOUND: no such file. ERR_UNAVAILABLE: errno says why. */
static enum err read_file(struct arena *arena, const char *path, struct str *ret)
{
	__attribute__((cleanup(close_file))) int fd =
		open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE;
	struct stat info;
	if (fstat(fd, &info) == 0 && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		log_event(LOG_WARN, "config.readable_by_others", LOG_CSTR("path", path),
			  LOG_CSTR("advice", "it may hold passwords: chmod 600"));
	char *content = arena_alloc(arena, LIMIT_CONFIG_FILE_BYTES + 1);
	size_t len = 0;
	errno = ENOMEM;
	while (content && len <= LIMIT_CONFIG_FILE_BYTES) {
		ssize_t got = read(fd, content + len, LIMIT_CONFIG_FILE_BYTES + 1 - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_UNAVAILABLE;
		if (got == 0) {
			*ret = (struct str){content, len};
			return OK;
		}
		len += (size_t)got;
	}
	return content ? ERR_TOO_LARGE : ERR_UNAVAILABLE;
}

enum err config_load(struct arena *arena, struct str data_dir, struct config *ret,
		     struct str *ret_message)
{
	struct str file = arena_printf(arena, "%.*s/postern.conf", STR_ARGS(data_dir));
	struct str content = STR_NONE;
	enum err err = read_file(arena, arena_cstr(arena, file), &content);
	if (err == ERR_TOO_LARGE)
		*ret_message = SAY(arena, TEXT_CONFIG_FILE_TOO_LARGE, TEXT_ARG("file", file),
				   TEXT_ARG("size", format_size(arena, language_find(STR("en")),
								LIMIT_CONFIG_FILE_BYTES)));
	else if (err == ERR_UNAVAILABLE)
		*ret_message = SAY(arena, TEXT_CONFIG_FILE_UNREADABLE, TEXT_ARG("file", file),
				   TEXT_ARG("reason", str_of(strerror(errno))));
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	return config_parse(arena, file, content, ret, ret_message);
}
