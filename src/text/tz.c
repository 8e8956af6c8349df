#include "text/tz.h"

#include "text/tz_file.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ZONE_NAME_MAX = 48, ZONES_MAX = 700 /* there are about 600 names */ };

/* Zone files are constants of the machine, read when first needed; an entry never changes once it
 * is counted. */
struct zone {
	char name[ZONE_NAME_MAX];
	struct tz_file file;
};

static struct zone zones[ZONES_MAX];
static size_t zone_count;
static pthread_mutex_t zones_lock = PTHREAD_MUTEX_INITIALIZER;

/* "Europe/Paris": letters, digits, "_", "-", "+", and "/" between parts. No dots, so no way out of
 * the folder. */
static bool is_name(struct str zone)
{
	if (zone.len == 0 || zone.len >= ZONE_NAME_MAX || zone.data[0] == '/')
		return false;
	for (size_t i = 0; i < zone.len; i++) {
		char c = zone.data[i];
		bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		if (!is_letter && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '+' &&
		    c != '/')
			return false;
	}
	return true;
}

static bool read_zone(struct str name, struct zone *ret)
{
	char path[sizeof("/usr/share/zoneinfo/") + ZONE_NAME_MAX];
	char bytes[TZ_FILE_MAX_BYTES];
	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%.*s", STR_ARGS(name));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t len = read(fd, bytes, sizeof(bytes));
	close(fd);
	if (len < 0 || tz_file_parse(str_bytes(bytes, (size_t)len), &ret->file) != OK)
		return false;
	memcpy(ret->name, name.data, name.len);
	ret->name[name.len] = '\0';
	return true;
}

static const struct zone *find_locked(struct str name)
{
	for (size_t i = 0; i < zone_count; i++) {
		if (str_eq(str_of(zones[i].name), name))
			return &zones[i];
	}
	if (zone_count == ZONES_MAX || !read_zone(name, &zones[zone_count]))
		return NULL;
	return &zones[zone_count++];
}

static const struct zone *find(struct str name)
{
	if (!is_name(name) || str_eq(name, STR("UTC")))
		return NULL;
	pthread_mutex_lock(&zones_lock);
	const struct zone *zone = find_locked(name);
	pthread_mutex_unlock(&zones_lock);
	return zone;
}

int32_t tz_offset_s(struct str zone, int64_t utc_s)
{
	const struct zone *found = find(zone);
	return found ? tz_file_offset_s(&found->file, utc_s) : 0;
}

bool tz_is_known(struct str zone)
{
	return str_eq(zone, STR("UTC")) || find(zone) != NULL;
}
