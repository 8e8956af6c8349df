/* A journal of destroyed keys out of any bytes. The first byte chooses: r, they are the file; l,
 * they are lines, whose MACs are made right, so that what they say is read and done in a portal
 * (% stands for the id of its administrator). However odd they are, the portal stays whole. */
#include "base/buf.h"
#include "base/log.h"
#include "core/core_fixture.h"
#include "core/destroyed_journal.h"
#include "crypto/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct core_fixture fixture;
static struct secret *key;

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void end(void)
{
	secret_free(key);
	core_fixture_release(&fixture);
}

static void begin(void)
{
	if (key)
		return;
	log_set_level(LOG_ALARM);
	core_fixture_init(&fixture, false, CUSTODY_MANAGED);
	check(key_derive(fixture.portal->row_key, "destroyed journal", &key) == OK);
	atexit(end);
}

static enum err replay(struct str bytes)
{
	char name[64];
	struct arena arena CLEANUP_ARENA;
	struct destroyed_replay done;
	arena_init(&arena, 8 << 20);
	struct cx cx = {
		.arena = &arena, .portal = fixture.portal, .language = language_find(STR("en"))};
	int fd = memfd_create("journal", MFD_CLOEXEC);
	check(fd >= 0 && write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	enum err err = destroyed_journal_replay(&cx, name, 0, &done);
	close(fd);
	return err;
}

struct writing {
	struct buf out;
	char before[2 * DIGEST_BYTES + 1];
};

static void add_line(struct writing *writing, struct str line)
{
	struct mac mac;
	uint8_t digest[DIGEST_BYTES];
	mac_begin(&mac, key, "destroyed.journal");
	mac_str(&mac, str_of(writing->before));
	mac_str(&mac, line);
	mac_end(&mac, digest);
	for (int i = 0; i < DIGEST_BYTES; i++)
		snprintf(writing->before + 2 * i, 3, "%02x", digest[i]);
	buf_add(&writing->out, line);
	buf_addf(&writing->out, " | %s\n", writing->before);
}

static struct str with_id(struct arena *arena, struct str line)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < line.len; i++) {
		if (line.data[i] == '%')
			buf_add(&out, id_str(&fixture.admin->user.id));
		else
			buf_add_char(&out, line.data[i]);
	}
	return arena_copy(arena, buf_str(&out));
}

/* Whatever it said: its only administrator is still one. */
static void check_administrator(struct arena *arena)
{
	struct db *db CLEANUP_READ = NULL;
	struct user user;
	check(store_read_begin(fixture.portal->store, &db) == OK);
	check(users_by_id(db, arena, &fixture.admin->user.id, &user) == OK);
	check(user.role == ROLE_ADMINISTRATOR && user.state == USER_ACTIVE);
}

static void take_lines(struct str bytes)
{
	struct arena arena CLEANUP_ARENA;
	struct writing writing = {.before = ""};
	struct str line;
	arena_init(&arena, 8 << 20);
	buf_init(&writing.out, 8 << 20);
	add_line(&writing, STR("postern-destructions 1 1000"));
	while (str_next(&bytes, '\n', &line))
		add_line(&writing,
			 with_id(&arena, arena_printf(&arena, "01KDVDNA00A2H8SZC8S2R9F1WA %.*s",
						      STR_ARGS(line))));
	enum err err = replay(buf_str(&writing.out));
	check(err == OK || err == ERR_INVALID || err == ERR_CORRUPT || err == ERR_UNAVAILABLE);
	buf_release(&writing.out);
	check_administrator(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	begin();
	if (size == 0 || size > 4096)
		return 0;
	struct str bytes = str_bytes(data + 1, size - 1);
	if (data[0] == 'l')
		take_lines(bytes);
	else
		(void)replay(bytes);
	return 0;
}
