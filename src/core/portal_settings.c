#include "core/portal_settings.h"

#include "base/limits.h"
#include "core/setting_value.h"
#include "store/settings.h"

#include <stddef.h>

#define KIB(n) (INT64_C(n) << 10)
#define GIB(n) (INT64_C(n) << 30)
#define TIB(n) (INT64_C(n) << 40)

static const char *const custody_words[] = {
	[CUSTODY_MANAGED] = "managed", [CUSTODY_STRICT] = "strict", NULL};
static const char *const access_words[] = {
	[ACCESS_OPEN] = "open", [ACCESS_CONTROLLED] = "controlled", NULL};
static const char *const virus_scan_words[] = {
	[VIRUS_SCAN_OFF] = "off", [VIRUS_SCAN_MARK] = "mark", [VIRUS_SCAN_REFUSE] = "refuse", NULL};
static const char *const guest_compose_words[] = {
	[GUEST_COMPOSE_ANY] = "any", [GUEST_COMPOSE_KNOWN] = "known", NULL};

/* What each word means, for people; same places. */
static const enum text_id custody_labels[] = {[CUSTODY_MANAGED] = TEXT_SETTING_CUSTODY_MANAGED,
					      [CUSTODY_STRICT] = TEXT_SETTING_CUSTODY_STRICT};
static const enum text_id access_labels[] = {[ACCESS_OPEN] = TEXT_SETTING_ACCESS_OPEN,
					     [ACCESS_CONTROLLED] = TEXT_SETTING_ACCESS_CONTROLLED};
static const enum text_id virus_scan_labels[] = {[VIRUS_SCAN_OFF] = TEXT_SETTING_VIRUS_SCAN_OFF,
						 [VIRUS_SCAN_MARK] = TEXT_SETTING_VIRUS_SCAN_MARK,
						 [VIRUS_SCAN_REFUSE] =
							 TEXT_SETTING_VIRUS_SCAN_REFUSE};
static const enum text_id guest_compose_labels[] = {
	[GUEST_COMPOSE_ANY] = TEXT_SETTING_GUEST_COMPOSE_ANY,
	[GUEST_COMPOSE_KNOWN] = TEXT_SETTING_GUEST_COMPOSE_KNOWN};

/* Where the page shows it, and the sentences that it stands there with. */
#define SAY(g, n)                                                                                  \
	.group = SETTING_GROUP_##g, .label = TEXT_SETTING_##n, .hint = TEXT_SETTING_##n##_HINT
#define WORD(w, field, s)                                                                          \
	.type = VALUE_WORD, .offset = offsetof(struct settings, field), .words = w##_words,        \
	.word_labels = w##_labels, .standard = (s)
#define FEATURE(f)                                                                                 \
	.type = VALUE_FEATURE, .offset = offsetof(struct settings, is_off) + (f) * sizeof(bool)

static const struct setting table[] = {
	{"name", VALUE_TEXT, offsetof(struct settings, name), 0, 1, 100, true, SAY(BRANDING, NAME)},
	{"url", VALUE_TEXT, offsetof(struct settings, url), 0, 8, 200, true, true, SAY(FIXED, URL)},
	{"custody", WORD(custody, custody, CUSTODY_MANAGED), .is_written_at_set_up = true,
	 .is_fixed = true, SAY(FIXED, CUSTODY)},
	{"access", WORD(access, access, ACCESS_OPEN), .is_written_at_set_up = true,
	 SAY(RULES, ACCESS)},
	{"invitation_days", VALUE_NUMBER, offsetof(struct settings, invitation_days), 14, 1, 365,
	 SAY(RULES, INVITATION_DAYS)},
	{"session_idle_minutes", VALUE_NUMBER, offsetof(struct settings, session_idle_minutes), 120,
	 5, 43200, SAY(SESSIONS, SESSION_IDLE_MINUTES)},
	{"session_total_hours", VALUE_NUMBER, offsetof(struct settings, session_total_hours), 24, 1,
	 2160, SAY(SESSIONS, SESSION_TOTAL_HOURS)},
	{"reset_minutes", VALUE_NUMBER, offsetof(struct settings, reset_minutes), 60, 5, 1440,
	 SAY(PASSWORDS, RESET_MINUTES)},
	{"seat_limit", VALUE_NUMBER, offsetof(struct settings, seat_limit), 0, 0, INT32_MAX,
	 SAY(LIMITS, SEAT_LIMIT)},
	{"subject_in_mail", VALUE_SWITCH, offsetof(struct settings, is_subject_in_mail), 0, 0, 1,
	 SAY(MAIL, SUBJECT_IN_MAIL)},
	{"terms_url", VALUE_LINK, offsetof(struct settings, terms_url), 0, 0, 500,
	 SAY(BRANDING, TERMS_URL)},
	{"support", VALUE_TEXT, offsetof(struct settings, support), 0, 0, 200,
	 SAY(BRANDING, SUPPORT)},
	{"accent_light", VALUE_COLOUR, offsetof(struct settings, accent_light), .max = 7,
	 SAY(BRANDING, ACCENT_LIGHT)},
	{"accent_dark", VALUE_COLOUR, offsetof(struct settings, accent_dark), .max = 7,
	 .is_dark = true, SAY(BRANDING, ACCENT_DARK)},
	{"logo", VALUE_TEXT, offsetof(struct settings, logo), 0, 0, 40, SAY(BRANDING, LOGO)},
	{"messages_per_hour_professional", VALUE_NUMBER,
	 offsetof(struct settings, messages_per_hour_professional),
	 LIMIT_MESSAGES_PER_HOUR_PROFESSIONAL, 1, 100000000,
	 SAY(LIMITS, MESSAGES_PER_HOUR_PROFESSIONAL)},
	{"messages_per_hour_guest", VALUE_NUMBER,
	 offsetof(struct settings, messages_per_hour_guest), LIMIT_MESSAGES_PER_HOUR_GUEST, 1,
	 100000000, SAY(LIMITS, MESSAGES_PER_HOUR_GUEST)},
	{"messages_per_day_professional", VALUE_NUMBER,
	 offsetof(struct settings, messages_per_day_professional),
	 LIMIT_MESSAGES_PER_DAY_PROFESSIONAL, 1, 100000000,
	 SAY(RULES, MESSAGES_PER_DAY_PROFESSIONAL)},
	{"messages_per_day_guest", VALUE_NUMBER, offsetof(struct settings, messages_per_day_guest),
	 LIMIT_MESSAGES_PER_DAY_GUEST, 1, 100000000, SAY(RULES, MESSAGES_PER_DAY_GUEST)},
	{"invitations_per_day_professional", VALUE_NUMBER,
	 offsetof(struct settings, invitations_per_day_professional),
	 LIMIT_INVITATIONS_PER_DAY_PROFESSIONAL, 1, 100000000,
	 SAY(RULES, INVITATIONS_PER_DAY_PROFESSIONAL)},
	{"password_min", VALUE_NUMBER, offsetof(struct settings, password_min_chars),
	 LIMIT_PASSWORD_MIN_CHARS, LIMIT_PASSWORD_MIN_CHARS, 64, SAY(PASSWORDS, PASSWORD_MIN)},
	{"breached_check", VALUE_SWITCH, offsetof(struct settings, has_breached_check), 1, 0, 1,
	 SAY(PASSWORDS, BREACHED_CHECK)},
	{"retention_days", VALUE_NUMBER, offsetof(struct settings, retention_days), 0, 0, 36500,
	 SAY(KEEPING, RETENTION_DAYS)},
	{"expiry_days_default", VALUE_NUMBER, offsetof(struct settings, expiry_days), 0, 0, 3650,
	 SAY(KEEPING, EXPIRY_DAYS_DEFAULT)},
	{"trash_days", VALUE_NUMBER, offsetof(struct settings, trash_days), 30, 1, 3650,
	 SAY(KEEPING, TRASH_DAYS)},
	/* A file of more than LIMIT_FILE_PARTS parts cannot be kept. */
	{"file_max_bytes", VALUE_BYTES, offsetof(struct settings, file_max_bytes), GIB(5), KIB(1),
	 TIB(1), SAY(FILES, FILE_MAX_BYTES)},
	{"message_max_bytes", VALUE_BYTES, offsetof(struct settings, message_max_bytes), GIB(20),
	 KIB(1), TIB(100), SAY(FILES, MESSAGE_MAX_BYTES)},
	{"quota_bytes", VALUE_BYTES, offsetof(struct settings, quota_bytes), GIB(100), 0, TIB(1000),
	 SAY(FILES, QUOTA_BYTES)},
	{"blocked_endings", VALUE_ENDINGS, offsetof(struct settings, blocked_endings), 0, 0, 1000,
	 SAY(FILES, BLOCKED_ENDINGS)},
	{"virus_scan", WORD(virus_scan, virus_scan, VIRUS_SCAN_MARK), SAY(FILES, VIRUS_SCAN)},
	{"timestamp_url", VALUE_LINK, offsetof(struct settings, timestamp_url), 0, 0, 500,
	 SAY(STAMPS, TIMESTAMP_URL)},
	{"guest_compose", WORD(guest_compose, guest_compose, GUEST_COMPOSE_ANY),
	 SAY(WRITING, GUEST_COMPOSE)},
	{"files", FEATURE(FEATURE_FILES), SAY(FEATURES, FILES)},
	{"signatures", FEATURE(FEATURE_SIGNATURES), SAY(FEATURES, SIGNATURES)},
	{"recall", FEATURE(FEATURE_RECALL), SAY(FEATURES, RECALL)},
	{"forwarding", FEATURE(FEATURE_FORWARDING), SAY(FEATURES, FORWARDING)},
	{"confidential", FEATURE(FEATURE_CONFIDENTIAL), SAY(FEATURES, CONFIDENTIAL)},
	{"expiry", FEATURE(FEATURE_EXPIRY), SAY(FEATURES, EXPIRY)},
};
enum { SETTING_COUNT = sizeof(table) / sizeof(table[0]) };
const size_t portal_settings_count = SETTING_COUNT;

struct settings portal_settings_default(void)
{
	struct settings settings = {.is_off = {false}};
	for (size_t i = 0; i < SETTING_COUNT; i++)
		setting_value_standard(&table[i], &settings);
	return settings;
}

enum err portal_settings_load(struct db *db, struct arena *arena, struct settings *ret)
{
	struct settings settings = portal_settings_default();
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		struct str value;
		enum err err = settings_get(db, arena, table[i].name, &value);
		/* What decides about keys and invitations was written at set-up: missing means
		 * taken away, and a default would open what was closed. */
		if (err == ERR_NOT_FOUND && table[i].is_written_at_set_up)
			return i == 0 ? ERR_NOT_FOUND : ERR_CORRUPT;
		if (err == ERR_NOT_FOUND)
			continue;
		TRY(err);
		if (setting_value_parse(&table[i], value, &settings) != OK)
			return ERR_CORRUPT;
	}
	*ret = settings;
	return OK;
}

enum err portal_settings_find(struct str name, size_t *ret_at)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (str_eq(name, str_of(table[i].name))) {
			*ret_at = i;
			return OK;
		}
	}
	return ERR_NOT_FOUND;
}

enum err portal_settings_parse(size_t at, struct str value, struct settings *settings)
{
	return setting_value_parse(&table[at], value, settings);
}

enum err portal_settings_put(struct db *db, const char *name, struct str value)
{
	struct settings ignored = {0};
	size_t at;
	if (portal_settings_find(str_of(name), &at) != OK)
		return ERR_INVALID;
	TRY(setting_value_parse(&table[at], value, &ignored));
	return settings_put(db, name, value);
}

void portal_settings_complain(struct cx *cx, size_t at, struct str value,
			      struct form_errors *errors)
{
	setting_value_complain(cx, &table[at], value, errors);
}

bool portal_settings_is_fixed(size_t at)
{
	return table[at].is_fixed;
}

const char *portal_settings_name(size_t at)
{
	return table[at].name;
}

struct setting_facts portal_settings_facts(size_t at)
{
	static const enum setting_kind kinds[] = {
		[VALUE_TEXT] = SETTING_TEXT,      [VALUE_LINK] = SETTING_TEXT,
		[VALUE_ENDINGS] = SETTING_TEXT,   [VALUE_COLOUR] = SETTING_TEXT,
		[VALUE_NUMBER] = SETTING_NUMBER,  [VALUE_BYTES] = SETTING_BYTES,
		[VALUE_WORD] = SETTING_WORD,      [VALUE_SWITCH] = SETTING_SWITCH,
		[VALUE_FEATURE] = SETTING_SWITCH,
	};
	const struct setting *setting = &table[at];
	return (struct setting_facts){setting->group, kinds[setting->type], setting->label,
				      setting->hint,  setting->min,         setting->max,
				      setting->words, setting->word_labels};
}

int64_t portal_settings_number(const struct settings *settings, size_t at)
{
	return *(const int64_t *)((const char *)settings + table[at].offset);
}

struct str portal_settings_value(const struct settings *settings, size_t at, struct arena *arena)
{
	return setting_value_text(&table[at], settings, arena);
}
