#include "core/breached.h"

#include "base/encode.h"
#include "base/log.h"
#include "crypto/hashing.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHA1_BYTES = 20, HASH_CHARS = 2 * SHA1_BYTES, LINE_MAX_BYTES = 128 };

static void to_hex(const uint8_t *bytes, char *ret)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < SHA1_BYTES; i++) {
		ret[2 * i] = digits[bytes[i] >> 4];
		ret[2 * i + 1] = digits[bytes[i] & 15];
	}
}

static enum err hash(struct str password, char ret[HASH_CHARS])
{
	struct hashing *hashing;
	uint8_t bytes[HASHING_MAX_BYTES];
	TRY(hashing_new(HASH_SHA1, &hashing));
	hashing_add(hashing, password);
	hashing_result(hashing, bytes);
	hashing_free(hashing);
	to_hex(bytes, ret);
	explicit_bzero(bytes, sizeof(bytes));
	return OK;
}

static bool is_hash(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		bool is_hex =
			(c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
		if (!is_hex)
			return false;
	}
	return text.len == HASH_CHARS;
}

/* Where the first line begins that does not begin before `at`; its hash. *ret_at: past the end of
 * the file when there is none. */
static enum err read_line(int fd, off_t at, char ret_hash[HASH_CHARS], off_t *ret_at)
{
	char bytes[LINE_MAX_BYTES + HASH_CHARS + 1];
	off_t from = at > 0 ? at - 1 : 0;
	ssize_t count = pread(fd, bytes, sizeof(bytes), from);
	if (count < 0)
		return ERR_UNAVAILABLE;
	struct str read = str_bytes(bytes, (size_t)count);
	ptrdiff_t end = at > 0 ? str_find_char(read, '\n') : -1;
	if (at > 0 && end < 0 && count > LINE_MAX_BYTES)
		return ERR_CORRUPT;
	if (at > 0 && end < 0) {
		*ret_at = from + count;
		return OK;
	}
	struct str line = str_slice(read, (size_t)(end + 1), HASH_CHARS);
	*ret_at = from + end + 1;
	if (line.len == 0)
		return OK;
	if (!is_hash(line))
		return ERR_CORRUPT;
	memcpy(ret_hash, line.data, HASH_CHARS);
	return OK;
}

/* The line, if there is one, begins in [low, high). */
static enum err search(int fd, off_t size, const char wanted[HASH_CHARS], bool *ret)
{
	off_t low = 0, high = size;
	*ret = false;
	while (low < high) {
		off_t middle = low + (high - low) / 2, at;
		char found[HASH_CHARS];
		TRY(read_line(fd, middle, found, &at));
		if (at >= high) {
			high = middle;
			continue;
		}
		int order = strncasecmp(found, wanted, HASH_CHARS);
		if (order == 0) {
			*ret = true;
			return OK;
		}
		if (order < 0)
			low = at + 1;
		else
			high = middle;
	}
	return OK;
}

static void close_file(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static enum err look(const struct portal *portal, const char wanted[HASH_CHARS], bool *ret)
{
	char path[PATH_MAX];
	struct stat stat;
	*ret = false;
	if (portal->breached_path.len >= sizeof(path))
		return ERR_INVALID;
	memcpy(path, portal->breached_path.data, portal->breached_path.len);
	path[portal->breached_path.len] = 0;
	__attribute__((cleanup(close_file))) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &stat) != 0)
		return ERR_UNAVAILABLE;
	if (!S_ISREG(stat.st_mode) || stat.st_size == 0)
		return ERR_CORRUPT;
	return search(fd, stat.st_size, wanted, ret);
}

static bool complain(const struct portal *portal, enum err err)
{
	if (err != OK)
		log_event(LOG_ERROR, "password.breached_list_unreadable",
			  LOG_STR("path", portal->breached_path), LOG_CSTR("err", err_name(err)));
	return err != OK;
}

bool breached_has(const struct portal *portal, struct str password)
{
	char wanted[HASH_CHARS];
	bool is_there = false;
	if (!portal->settings->has_breached_check || portal->breached_path.len == 0)
		return false;
	enum err err = hash(password, wanted);
	if (err == OK)
		err = look(portal, wanted, &is_there);
	explicit_bzero(wanted, sizeof(wanted));
	return !complain(portal, err) && is_there;
}

void breached_log(const struct portal *portal)
{
	bool is_there;
	char wanted[HASH_CHARS];
	if (portal->breached_path.len == 0)
		return;
	memset(wanted, '0', sizeof(wanted));
	if (!complain(portal, look(portal, wanted, &is_there)))
		log_event(LOG_INFO, "password.breached_list_ready",
			  LOG_STR("path", portal->breached_path));
}
