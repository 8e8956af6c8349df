#include "core/portal.h"
#include "core/audit_checkpoint.h"

#include "base/beside.h"

#include "base/log.h"
#include "core/address.h"
#include "core/cx.h"
#include "core/download.h"
#include "core/export_turn.h"
#include "core/invite.h"
#include "core/live.h"
#include "core/master_key.h"
#include "core/portal_settings.h"
#include "core/settings_live.h"
#include "core/signing_keys.h"
#include "core/throttle.h"
#include "core/uploads.h"
#include "crypto/aead.h"
#include "crypto/digest.h"
#include "store/blob.h"
#include "store/schema.h"
#include "store/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PORTAL_ARENA_BYTES = 1 << 20,
	PASSWORD_THREADS = 2,
	PASSWORD_QUEUE_MAX = 32,
	CONNECTIONS = 16
};

static const struct context portal_key_context = {
	.purpose = "portal.key", .object = STR("portal"), .version = 1};
static const char portal_key_setting[] = "portal_key";

static enum err open_store(struct portal *portal, const struct portal_options *options)
{
	struct str url = options->store_url;
	if (url.len == 0)
		url = arena_printf(&portal->arena, "sqlite:%.*s/postern.db",
				   STR_ARGS(options->data_dir));
	struct store_options store_options = {
		.url = url,
		.max_connections =
			options->max_connections ? options->max_connections : CONNECTIONS,
		.is_unsafe = options->is_store_unsafe,
		.migrations = schema_migrations,
		.migration_count = schema_migration_count,
	};
	return store_open(&store_options, portal->row_key, &portal->store);
}

static enum err open_blobs(struct portal *portal, const struct portal_options *options)
{
	struct str url = options->blobs_url;
	if (url.len == 0)
		url = arena_printf(&portal->arena, "dir:%.*s/files", STR_ARGS(options->data_dir));
	return blobs_open(url, &portal->blobs);
}

/* Everything but the portal key and the settings, which are in the database. */
static enum err begin(const struct portal_options *options, const struct secret *master,
		      struct portal *portal)
{
	portal->data_dir = arena_copy(&portal->arena, options->data_dir);
	portal->clock = options->clock ? options->clock : &clock_system;
	portal->checkpoints = options->checkpoints.len > 0
				      ? arena_copy(&portal->arena, options->checkpoints)
				      : audit_checkpoint_path(&portal->arena, options->data_dir);
	portal->destructions_path =
		options->destructions.len > 0
			? arena_cstr(&portal->arena, options->destructions)
			: arena_cstr(&portal->arena,
				     arena_printf(&portal->arena, "%.*s/destructions.log",
						  STR_ARGS(options->data_dir)));
	portal->password_cost =
		options->password_cost ? *options->password_cost : password_cost_default;
	TRY(key_derive(master, "rows", &portal->row_key));
	TRY(password_pool_new(
		options->password_threads ? options->password_threads : PASSWORD_THREADS,
		options->password_queue_max ? options->password_queue_max : PASSWORD_QUEUE_MAX,
		&portal->passwords));
	TRY(throttle_new(&portal->throttle));
	TRY(live_new(&portal->live));
	TRY(export_turns_new(&portal->export_turns));
	TRY(open_blobs(portal, options));
	TRY(uploads_new(&portal->uploads));
	TRY(beside_new(&portal->beside));
	TRY(downloads_new(&portal->downloads));
	return open_store(portal, options);
}

static enum err use_portal_key(struct portal *portal, struct secret *private_key,
			       const uint8_t *public_key)
{
	uint8_t derived[PUBLIC_KEY_BYTES];
	portal->portal_private = private_key;
	TRY(keypair_public(private_key, derived));
	if (memcmp(derived, public_key, sizeof(derived)) != 0) {
		log_event(LOG_ALARM, "portal.key_is_not_the_pinned_one");
		return ERR_CORRUPT;
	}
	memcpy(portal->portal_public, public_key, sizeof(derived));
	TRY(key_derive(private_key, "mail queue", &portal->queue_key));
	return key_derive(private_key, "audit log", &portal->audit_key);
}

static enum err load(struct portal *portal, const struct master_key *master)
{
	TRY(settings_live_begin(portal));
	struct db *db CLEANUP_READ = NULL;
	struct str wrapped;
	struct secret *under CLEANUP_SECRET = NULL;
	struct secret *private_key = NULL;
	TRY(store_read_begin(portal->store, &db));
	TRY(settings_get(db, &portal->arena, portal_key_setting, &wrapped));
	TRY(key_derive(master->key, "portal key", &under));
	TRY(key_unwrap(under, &portal_key_context, wrapped, &private_key));
	return use_portal_key(portal, private_key, master->portal_public);
}

static enum err open_with(const struct portal_options *options, struct portal *portal)
{
	struct master_key master CLEANUP_MASTER_KEY = {0};
	struct str path = master_key_path(&portal->arena, options->data_dir);
	enum err err = master_key_read(path, &master);
	/* A set-up was cut off after it had stored everything: it is finished here. */
	bool is_new = err == ERR_NOT_FOUND && master_key_read_new(path, &master) == OK;
	if (!is_new)
		TRY(err);
	TRY(begin(options, master.key, portal));
	TRY(load(portal, &master));
	if (is_new)
		TRY(master_key_adopt(path));
	return signing_keys_begin(portal);
}

enum err portal_open(const struct portal_options *options, struct portal **ret)
{
	struct portal *portal = calloc(1, sizeof(*portal));
	if (portal == NULL)
		return ERR_UNAVAILABLE;
	arena_init(&portal->arena, PORTAL_ARENA_BYTES);
	pthread_mutex_init(&portal->settings_lock, NULL);
	enum err err = open_with(options, portal);
	if (err != OK)
		portal_close(portal);
	else
		*ret = portal;
	return err;
}

void portal_close(struct portal *portal)
{
	if (portal == NULL)
		return;
	store_close(portal->store);
	blobs_close(portal->blobs);
	password_pool_free(portal->passwords);
	throttle_free(portal->throttle);
	live_free(portal->live);
	export_turns_free(portal->export_turns);
	uploads_free(portal->uploads);
	beside_free(portal->beside);
	downloads_free(portal->downloads);
	settings_live_end(portal);
	pthread_mutex_destroy(&portal->settings_lock);
	secret_free(portal->audit_key);
	secret_free(portal->queue_key);
	secret_free(portal->portal_private);
	secret_free(portal->row_key);
	arena_release(&portal->arena);
	free(portal);
}

/* ---- setting up ---- */

struct set_up {
	const struct portal_setup *setup;
	struct str wrapped;
	const struct invitee *admin;
};

static enum err write_portal(struct db *db, void *argument)
{
	const struct set_up *up = argument;
	bool has_portal;
	/* Somebody else may have set one up since check_nothing_there(). */
	TRY(settings_has(db, portal_key_setting, &has_portal));
	if (has_portal)
		return ERR_CONFLICT;
	TRY(portal_settings_put(db, "name", up->setup->name));
	TRY(portal_settings_put(db, "url", up->setup->url));
	TRY(portal_settings_put(db, "custody", str_of(user_custody_word(up->setup->custody))));
	TRY(portal_settings_put(db, "access", STR("open")));
	TRY(settings_put(db, portal_key_setting, up->wrapped));
	return invite_write(db, up->admin);
}

static enum err make_master_key(struct str path, struct master_key *ret,
				struct secret **ret_private)
{
	TRY(secret_random(&ret->key));
	TRY(keypair_new(ret_private, ret->portal_public));
	enum err err = master_key_write_new(path, ret);
	if (err == ERR_CONFLICT)
		log_event(LOG_ERROR, "portal.key_file_exists", LOG_STR("key", path));
	return err;
}

static enum err is_empty(struct store *store)
{
	struct db *db CLEANUP_READ = NULL;
	bool has_portal;
	TRY(store_read_begin(store, &db));
	TRY(settings_has(db, portal_key_setting, &has_portal));
	return has_portal ? ERR_CONFLICT : OK;
}

/* With a throw-away row key only to look whether the database has a portal already. */
static enum err check_nothing_there(const struct portal_options *options)
{
	struct portal probe = {0};
	struct secret *any CLEANUP_SECRET = NULL;
	arena_init(&probe.arena, PORTAL_ARENA_BYTES);
	enum err err = secret_random(&any);
	probe.row_key = any;
	if (err == OK)
		err = open_store(&probe, options);
	if (err == OK)
		err = is_empty(probe.store);
	store_close(probe.store);
	arena_release(&probe.arena);
	return err;
}

static enum err create_with(const struct portal_options *options, const struct portal_setup *setup,
			    struct portal *portal, struct arena *arena, struct str *ret_link)
{
	struct master_key master CLEANUP_MASTER_KEY = {0};
	struct secret *private_key = NULL;
	struct secret *under CLEANUP_SECRET = NULL;
	struct address admin;
	struct set_up up = {.setup = setup};
	struct invitee invitee;
	TRY(address_parse(arena, setup->admin_address, &admin));
	TRY(check_nothing_there(options));
	struct str path = master_key_path(&portal->arena, options->data_dir);
	enum err err = make_master_key(path, &master, &private_key);
	if (err == OK)
		err = begin(options, master.key, portal);
	if (err != OK) {
		secret_free(private_key);
		return err;
	}
	TRY(use_portal_key(portal, private_key, master.portal_public));
	TRY(key_derive(master.key, "portal key", &under));
	TRY(key_wrap(under, &portal_key_context, private_key, arena, &up.wrapped));
	struct settings settings = portal_settings_default();
	settings.name = setup->name;
	settings.url = setup->url;
	settings.custody = setup->custody;
	TRY(settings_live_set(portal, &settings));
	struct cx cx = {.arena = arena, .portal = portal, .language = language_find(STR("en"))};
	struct invite invite = {.address = &admin,
				.grade = GRADE_PROFESSIONAL,
				.role = ROLE_ADMINISTRATOR,
				.is_unmailed = true};
	TRY(invite_prepare(&cx, &invite, &invitee));
	up.admin = &invitee;
	TRY(store_transact(portal->store, write_portal, &up, arena));
	TRY(master_key_adopt(path));
	*ret_link = invitee.link;
	return OK;
}

enum err portal_create(const struct portal_options *options, const struct portal_setup *setup,
		       struct arena *arena, struct str *ret_link)
{
	const char *folder = arena_cstr(arena, options->data_dir);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE;
	struct portal *portal = calloc(1, sizeof(*portal));
	if (portal == NULL)
		return ERR_UNAVAILABLE;
	arena_init(&portal->arena, PORTAL_ARENA_BYTES);
	pthread_mutex_init(&portal->settings_lock, NULL);
	enum err err = create_with(options, setup, portal, arena, ret_link);
	portal_close(portal);
	return err;
}
