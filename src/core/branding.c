#include "core/branding.h"

#include "base/encode.h"
#include "core/colour.h"
#include "core/logo.h"
#include "core/policy.h"
#include "crypto/digest.h"
#include "store/settings.h"

enum { NAME_BYTES = 8 };

static struct str name_of(struct arena *arena, struct str bytes)
{
	uint8_t hash[DIGEST_BYTES];
	digest(bytes, hash);
	return encode_hex(arena, str_bytes(hash, NAME_BYTES));
}

/* ---- colours ---- */

static struct str rules(struct arena *arena, struct str accent, bool is_dark)
{
	struct colour colour;
	if (colour_parse(accent, &colour) != OK)
		return STR("");
	struct colour_theme theme = colour_theme_of(colour, is_dark);
	struct str text = arena_printf(
		arena, ":root{--accent:%s;--accent-strong:%s;--accent-wash:%s;--on-accent:%s}",
		colour_text(arena, theme.accent).data, colour_text(arena, theme.strong).data,
		colour_text(arena, theme.wash).data, colour_text(arena, theme.on_accent).data);
	const char *scheme = is_dark ? "dark" : "light";
	return arena_printf(arena, "@media (prefers-color-scheme:%s){%.*s}\n", scheme,
			    STR_ARGS(text));
}

struct str branding_theme(struct arena *arena, const struct settings *settings)
{
	struct str light = rules(arena, settings->accent_light, false);
	struct str dark = rules(arena, settings->accent_dark, true);
	return arena_printf(arena, "%.*s%.*s", STR_ARGS(light), STR_ARGS(dark));
}

struct str branding_theme_name(struct arena *arena, const struct settings *settings)
{
	if (settings->accent_light.len == 0 && settings->accent_dark.len == 0)
		return STR_NONE;
	struct str hash = name_of(arena, branding_theme(arena, settings));
	return arena_printf(arena, "theme-%.*s.css", STR_ARGS(hash));
}

/* ---- the logo ---- */

/* The setting holds "png-0123456789abcdef"; the bytes are under the same name. */
static const char *stored_name(struct arena *arena, struct str logo)
{
	return arena_cstr(arena, arena_printf(arena, "logo:%.*s", STR_ARGS(logo)));
}

struct str branding_logo_name(struct arena *arena, const struct settings *settings)
{
	struct str rest = settings->logo, ending;
	if (rest.len == 0 || !str_next(&rest, '-', &ending))
		return STR_NONE;
	return arena_printf(arena, "logo-%.*s.%.*s", STR_ARGS(rest), STR_ARGS(ending));
}

enum err branding_logo(struct cx *cx, const struct settings *settings, struct str *ret)
{
	struct db *db CLEANUP_READ = NULL;
	if (settings->logo.len == 0)
		return ERR_NOT_FOUND;
	TRY(store_read_begin(cx->portal->store, &db));
	return settings_get(db, cx->arena, stored_name(cx->arena, settings->logo), ret);
}

struct str branding_logo_type(const struct settings *settings)
{
	return str_starts_with(settings->logo, STR("png-")) ? STR("image/png") : STR("image/jpeg");
}

/* ---- saving ---- */

struct keeping {
	const char *name;
	struct str bytes;
};

/* Before the setting that names it: whoever is refused then leaves a picture that nothing shows,
 * and the next one takes its place. */
static enum err write_logo(struct db *db, void *argument)
{
	const struct keeping *keeping = argument;
	return settings_put(db, keeping->name, keeping->bytes);
}

static enum err write_tidy(struct db *db, void *argument)
{
	const struct keeping *keeping = argument;
	return settings_delete_others(db, "logo:", keeping->name);
}

static enum err keep_logo(struct cx *cx, struct str bytes, struct str *ret_value,
			  struct form_errors *errors)
{
	struct str clean;
	const char *ending;
	enum text_id why = TEXT_BRANDING_LOGO_DAMAGED;
	enum err err = logo_check(cx->arena, bytes, &clean, &ending, &why);
	if (err == ERR_INVALID)
		form_error(cx, errors, "logo", why, TEXT_NUMBER("count", LOGO_MAX_PIXELS),
			   TEXT_ARG("size", format_size(cx->arena, cx->language, LOGO_MAX_BYTES)));
	TRY(err);
	struct str hash = name_of(cx->arena, clean);
	*ret_value = arena_printf(cx->arena, "%s-%.*s", ending, STR_ARGS(hash));
	struct keeping keeping = {stored_name(cx->arena, *ret_value), clean};
	return store_transact(cx->portal->store, write_logo, &keeping, cx->arena);
}

enum err branding_save(struct cx *cx, struct branding_change *change, struct form_errors *errors)
{
	struct form_errors of_logo = {0};
	struct str logo = STR("");
	enum err refused = OK;
	if (cx->session != NULL && !policy_may(cx, ACT_ADMINISTER))
		return ERR_DENIED;
	if (change->logo.len > 0)
		refused = keep_logo(cx, change->logo, &logo, &of_logo);
	if (refused != OK && refused != ERR_INVALID)
		return refused;
	if (refused == OK && (change->logo.len > 0 || change->removes_logo))
		change->settings[change->count++] = (struct setting_change){STR("logo"), logo};
	/* All mistakes in one round; with one in the logo nothing is saved. */
	enum err err = refused == OK
			       ? settings_live_change(cx, change->settings, change->count,
						      change->seen_version, errors)
			       : settings_live_check(cx, change->settings, change->count, errors);
	if (refused != OK) {
		if (errors->count < FORM_ERRORS_MAX)
			errors->items[errors->count++] = of_logo.items[0];
		return ERR_INVALID;
	}
	TRY(err);
	struct keeping kept = {stored_name(cx->arena, cx->portal->settings->logo), STR_NONE};
	return store_transact(cx->portal->store, write_tidy, &kept, cx->arena);
}
