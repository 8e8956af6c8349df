#include "sentences.h"

bool sentences_find(const struct sentences *sentences, struct str id, struct str *ret_placeholders)
{
	struct str rest = sentences->list.text;
	struct str line, word;
	while (str_next(&rest, '\n', &line)) {
		if (str_next(&line, ' ', &word) && str_eq(word, id)) {
			*ret_placeholders = line;
			return true;
		}
	}
	return false;
}

bool sentences_has(struct str placeholders, struct str name)
{
	struct str word;
	while (str_next(&placeholders, ' ', &word)) {
		if (str_eq(word, name))
			return true;
	}
	return false;
}
