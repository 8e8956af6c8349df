#include "core/setting_value.h"

#include "base/utf8.h"
#include "core/byte_size.h"
#include "core/colour.h"

/* ---- reading ---- */

/* "exe, .bat". */
static bool are_endings(struct str text)
{
	struct str ending;
	while (str_next(&text, ',', &ending)) {
		ending = str_trim(ending);
		size_t at = str_starts_with(ending, STR("."));
		if (at == ending.len)
			return false;
		for (; at < ending.len; at++)
			if (!str_is_alnum(ending.data[at]))
				return false;
	}
	return true;
}

/* An enum of C is an int; its words begin at 1. */
static enum err parse_word(const char *const *words, struct str text, int *ret)
{
	for (int i = 1; words[i] != NULL; i++) {
		if (str_eq(text, str_of(words[i]))) {
			*ret = i;
			return OK;
		}
	}
	return ERR_INVALID;
}

static enum err parse_colour(const struct setting *setting, struct str text, struct str *ret)
{
	struct colour colour;
	if (text.len > 0) {
		TRY(colour_parse(text, &colour));
		if (colour_theme_contrast(colour, setting->is_dark) < COLOUR_CONTRAST_MIN)
			return ERR_INVALID;
	}
	*ret = text;
	return OK;
}

enum err setting_value_parse(const struct setting *setting, struct str text,
			     struct settings *settings)
{
	void *field = (char *)settings + setting->offset;
	int64_t number;
	switch (setting->type) {
	case VALUE_LINK:
		if (text.len > 0 && !str_starts_with(text, STR("https://")) &&
		    !str_starts_with(text, STR("http://")))
			return ERR_INVALID;
		/* fall through */
	case VALUE_TEXT:
		if (!utf8_is_line(text) || text.len < (size_t)setting->min ||
		    text.len > (size_t)setting->max)
			return ERR_INVALID;
		*(struct str *)field = text;
		return OK;
	case VALUE_NUMBER:
		if (!str_to_int(text, &number) || number < setting->min || number > setting->max)
			return ERR_INVALID;
		*(int64_t *)field = number;
		return OK;
	case VALUE_BYTES:
		if (!byte_size_parse(text, &number) || number < setting->min ||
		    number > setting->max)
			return ERR_INVALID;
		*(int64_t *)field = number;
		return OK;
	case VALUE_ENDINGS:
		if (text.len > (size_t)setting->max || (text.len > 0 && !are_endings(text)))
			return ERR_INVALID;
		*(struct str *)field = text;
		return OK;
	case VALUE_COLOUR: return parse_colour(setting, text, field);
	case VALUE_SWITCH:
	case VALUE_FEATURE:
		if (!str_eq(text, STR("yes")) && !str_eq(text, STR("no")))
			return ERR_INVALID;
		*(bool *)field = str_eq(text, STR("yes")) == (setting->type == VALUE_SWITCH);
		return OK;
	case VALUE_WORD: return parse_word(setting->words, text, field);
	}
	return ERR_INTERNAL;
}

/* ---- writing ---- */

struct str setting_value_text(const struct setting *setting, const struct settings *settings,
			      struct arena *arena)
{
	const void *field = (const char *)settings + setting->offset;
	switch (setting->type) {
	case VALUE_LINK:
	case VALUE_COLOUR:
	case VALUE_ENDINGS:
	case VALUE_TEXT: return *(const struct str *)field;
	case VALUE_NUMBER: return arena_printf(arena, "%lld", (long long)*(const int64_t *)field);
	case VALUE_BYTES: return byte_size_text(arena, *(const int64_t *)field);
	case VALUE_SWITCH: return *(const bool *)field ? STR("yes") : STR("no");
	case VALUE_FEATURE: return *(const bool *)field ? STR("no") : STR("yes");
	case VALUE_WORD: return str_of(setting->words[*(const int *)field]);
	}
	return STR_NONE;
}

void setting_value_standard(const struct setting *setting, struct settings *settings)
{
	void *field = (char *)settings + setting->offset;
	if (setting->type == VALUE_NUMBER || setting->type == VALUE_BYTES)
		*(int64_t *)field = setting->standard;
	else if (setting->type == VALUE_WORD)
		*(int *)field = (int)setting->standard;
	else if (setting->type == VALUE_SWITCH)
		*(bool *)field = setting->standard != 0;
}

/* ---- judging ---- */

static void complain_of_colour(struct cx *cx, const struct setting *setting, struct str value,
			       struct form_errors *errors)
{
	struct colour colour;
	if (colour_parse(value, &colour) != OK) {
		form_error(cx, errors, setting->name, TEXT_ERROR_SETTING_COLOUR);
		return;
	}
	/* Rounded down: 4.46 is not 4.5. */
	int tenths = (int)(colour_theme_contrast(colour, setting->is_dark) * 10);
	form_error(cx, errors, setting->name,
		   setting->is_dark ? TEXT_ERROR_SETTING_CONTRAST_DARK
				    : TEXT_ERROR_SETTING_CONTRAST_LIGHT,
		   TEXT_ARG("ratio", arena_printf(cx->arena, "%d.%d", tenths / 10, tenths % 10)));
}

void setting_value_complain(struct cx *cx, const struct setting *setting, struct str value,
			    struct form_errors *errors)
{
	switch (setting->type) {
	case VALUE_NUMBER:
		form_error(cx, errors, setting->name, TEXT_ERROR_SETTING_NUMBER,
			   TEXT_NUMBER("min", setting->min), TEXT_NUMBER("max", setting->max));
		return;
	case VALUE_BYTES:
		form_error(cx, errors, setting->name, TEXT_ERROR_SETTING_BYTES,
			   TEXT_ARG("min", byte_size_text(cx->arena, setting->min)),
			   TEXT_ARG("max", byte_size_text(cx->arena, setting->max)));
		return;
	case VALUE_COLOUR: complain_of_colour(cx, setting, value, errors); return;
	case VALUE_LINK: form_error(cx, errors, setting->name, TEXT_ERROR_SETTING_LINK); return;
	case VALUE_ENDINGS:
		form_error(cx, errors, setting->name, TEXT_ERROR_SETTING_ENDINGS);
		return;
	case VALUE_TEXT:
		form_error(cx, errors, setting->name, TEXT_ERROR_SETTING_TEXT,
			   TEXT_NUMBER("count", setting->max));
		return;
	case VALUE_WORD:
	case VALUE_SWITCH:
	case VALUE_FEATURE:
		form_error(cx, errors, setting->name, TEXT_ERROR_SETTING_WORD,
			   TEXT_ARG("value", form_error_quote(cx, value)));
		return;
	}
}
