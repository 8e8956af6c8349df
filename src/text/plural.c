#include "text/plural.h"

typedef enum plural rule_fn(uint64_t n);

/* en de it nl es pt ...: 1 thing, 2 things. (The "many" of Romance languages for exact millions
 * differs only in compact notations such as "1 million de", which we do not write.) */
static enum plural one_other(uint64_t n)
{
	return n == 1 ? PLURAL_ONE : PLURAL_OTHER;
}

/* fr, pt (Brazil): 0 is singular. */
static enum plural zero_is_one(uint64_t n)
{
	return n <= 1 ? PLURAL_ONE : PLURAL_OTHER;
}

/* ja ko zh vi th id: one form. */
static enum plural always_other(uint64_t n)
{
	(void)n;
	return PLURAL_OTHER;
}

static bool ends_in_2_to_4(uint64_t n)
{
	return n % 10 >= 2 && n % 10 <= 4 && !(n % 100 >= 12 && n % 100 <= 14);
}

static enum plural polish(uint64_t n)
{
	if (n == 1)
		return PLURAL_ONE;
	return ends_in_2_to_4(n) ? PLURAL_FEW : PLURAL_MANY;
}

static enum plural czech(uint64_t n)
{
	if (n == 1)
		return PLURAL_ONE;
	return n >= 2 && n <= 4 ? PLURAL_FEW : PLURAL_OTHER;
}

/* ru uk be. */
static enum plural russian(uint64_t n)
{
	if (n % 10 == 1 && n % 100 != 11)
		return PLURAL_ONE;
	return ends_in_2_to_4(n) ? PLURAL_FEW : PLURAL_MANY;
}

/* hr sr bs. */
static enum plural croatian(uint64_t n)
{
	if (n % 10 == 1 && n % 100 != 11)
		return PLURAL_ONE;
	return ends_in_2_to_4(n) ? PLURAL_FEW : PLURAL_OTHER;
}

static enum plural slovenian(uint64_t n)
{
	switch (n % 100) {
	case 1: return PLURAL_ONE;
	case 2: return PLURAL_TWO;
	case 3:
	case 4: return PLURAL_FEW;
	default: return PLURAL_OTHER;
	}
}

static enum plural romanian(uint64_t n)
{
	if (n == 1)
		return PLURAL_ONE;
	return n == 0 || (n % 100 >= 1 && n % 100 <= 19) ? PLURAL_FEW : PLURAL_OTHER;
}

static enum plural lithuanian(uint64_t n)
{
	bool is_teen = n % 100 >= 11 && n % 100 <= 19;
	if (n % 10 == 1 && !is_teen)
		return PLURAL_ONE;
	return n % 10 >= 2 && !is_teen ? PLURAL_FEW : PLURAL_OTHER;
}

static enum plural arabic(uint64_t n)
{
	if (n <= 2)
		return (enum plural)(PLURAL_ZERO + n);
	if (n % 100 >= 3 && n % 100 <= 10)
		return PLURAL_FEW;
	return n % 100 >= 11 ? PLURAL_MANY : PLURAL_OTHER;
}

static enum plural hebrew(uint64_t n)
{
	if (n == 1)
		return PLURAL_ONE;
	return n == 2 ? PLURAL_TWO : PLURAL_OTHER;
}

static const struct {
	struct str language;
	rule_fn *rule;
} rules[] = {
	{STR("en"), one_other},    {STR("de"), one_other},    {STR("es"), one_other},
	{STR("it"), one_other},    {STR("nl"), one_other},    {STR("sv"), one_other},
	{STR("da"), one_other},    {STR("nb"), one_other},    {STR("fi"), one_other},
	{STR("et"), one_other},    {STR("el"), one_other},    {STR("hu"), one_other},
	{STR("bg"), one_other},    {STR("tr"), one_other},    {STR("ca"), one_other},
	{STR("fr"), zero_is_one},  {STR("pt"), zero_is_one},  {STR("ja"), always_other},
	{STR("ko"), always_other}, {STR("zh"), always_other}, {STR("vi"), always_other},
	{STR("th"), always_other}, {STR("id"), always_other}, {STR("pl"), polish},
	{STR("cs"), czech},        {STR("sk"), czech},        {STR("ru"), russian},
	{STR("uk"), russian},      {STR("be"), russian},      {STR("hr"), croatian},
	{STR("sr"), croatian},     {STR("bs"), croatian},     {STR("sl"), slovenian},
	{STR("ro"), romanian},     {STR("lt"), lithuanian},   {STR("ar"), arabic},
	{STR("he"), hebrew},
};

enum plural plural_of(struct str tag, int64_t count)
{
	uint64_t n = count < 0 ? -(uint64_t)count : (uint64_t)count;
	/* European Portuguese says "0 mensagens", unlike Brazil. */
	if (str_eq_nocase(tag, STR("pt-PT")))
		return one_other(n);
	ptrdiff_t dash = str_find_char(tag, '-');
	struct str primary = dash < 0 ? tag : str_slice(tag, 0, (size_t)dash);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (str_eq_nocase(primary, rules[i].language))
			return rules[i].rule(n);
	}
	return one_other(n);
}

const char *plural_name(enum plural plural)
{
	static const char *const names[PLURAL_COUNT] = {"zero", "one",  "two",
							"few",  "many", "other"};
	return names[plural];
}
