#include "core/backup_last.h"

#include "core/audit_log.h"
#include "store/settings.h"

#include <stdlib.h>

static const char setting[] = "backup_at";

enum err backup_last(struct cx *cx, int64_t *ret_ms)
{
	struct db *db CLEANUP_READ = NULL;
	struct str value;
	TRY(store_read_begin(cx->portal->store, &db));
	enum err err = settings_get(db, cx->arena, setting, &value);
	if (err == OK)
		*ret_ms = strtoll(arena_cstr(cx->arena, value), NULL, 10);
	else if (err == ERR_NOT_FOUND)
		*ret_ms = 0;
	return err == ERR_NOT_FOUND ? OK : err;
}

struct done {
	struct cx *cx;
	struct str at;
	struct str bytes;
};

static enum err write_done(struct db *db, void *argument)
{
	const struct done *done = argument;
	TRY(settings_put(db, setting, done->at));
	return audit_log(done->cx, db,
			 &(struct audit_act){.kind = AUDIT_BACKUP, .after = done->bytes});
}

enum err backup_done(struct cx *cx, int64_t bytes)
{
	struct done done = {
		.cx = cx,
		.at = arena_printf(cx->arena, "%lld", (long long)cx_now_ms(cx)),
		.bytes = arena_printf(cx->arena, "%lld", (long long)bytes),
	};
	return store_transact(cx->portal->store, write_done, &done, cx->arena);
}

enum err backup_restored(struct cx *cx, struct db *db, int64_t backup_ms, int64_t destroyed)
{
	TRY(settings_put(db, setting, STR("0")));
	return audit_log(cx, db,
			 &(struct audit_act){
				 .kind = AUDIT_RESTORED,
				 .before = arena_printf(cx->arena, "%lld", (long long)backup_ms),
				 .after = arena_printf(cx->arena, "%lld", (long long)destroyed)});
}
