#include "pdf/worker/text_box.h"

static const double leading = 1.35, smaller = 0.95;
enum { TRIES_MAX = 80 };

void text_box_line(struct work *work, struct str text, double width, double height,
		   double most_size, struct text_box *ret)
{
	struct line *line = WORK_ARRAY(work, 1, struct line);
	typeset_line(work, text, line);
	double size = most_size;
	if (size > height / leading)
		size = height / leading;
	if (line->width * size > width)
		size = width / line->width;
	*ret = (struct text_box){
		.lines = line, .count = 1, .size = size, .leading = size * leading};
}

/* Widths are at size 1. Those of words are summed: near enough to those of lines. */
struct word {
	struct str text;
	double width;
	bool is_first; /* of its paragraph */
};
struct words {
	struct word *items;
	size_t count;
	double space, widest;
};

static void measure(struct work *work, struct str text, struct words *ret)
{
	struct str paragraph, word;
	size_t room = 2;
	for (size_t i = 0; i < text.len; i++)
		room += text.data[i] == ' ' || text.data[i] == '\n';
	*ret = (struct words){.items = WORK_ARRAY(work, room, struct word)};
	ret->space = typeset_width(work, STR(" "));
	while (str_next(&text, '\n', &paragraph)) {
		bool is_first = true;
		while (str_next(&paragraph, ' ', &word)) {
			double width = typeset_width(work, word);
			ret->items[ret->count++] =
				(struct word){.text = word, .width = width, .is_first = is_first};
			if (width > ret->widest)
				ret->widest = width;
			is_first = false;
		}
	}
}

/* The end of the line that begins with this word: as many as fit, at least one. */
static size_t end_of_line(const struct words *words, size_t from, double width)
{
	double used = words->items[from].width;
	size_t end = from + 1;
	while (end < words->count && !words->items[end].is_first) {
		used += words->space + words->items[end].width;
		if (used > width)
			break;
		end++;
	}
	return end;
}

static size_t count_lines(const struct words *words, double width)
{
	size_t count = 0;
	for (size_t i = 0; i < words->count; i = end_of_line(words, i, width))
		count++;
	return count;
}

static void set_lines(struct work *work, const struct words *words, double width,
		      struct text_box *ret)
{
	ret->lines = WORK_ARRAY(work, ret->count, struct line);
	for (size_t i = 0, n = 0; i < words->count; n++) {
		size_t end = end_of_line(words, i, width);
		struct str first = words->items[i].text, last = words->items[end - 1].text;
		struct str text = {.data = first.data,
				   .len = (size_t)(last.data + last.len - first.data)};
		typeset_line(work, text, &ret->lines[n]);
		i = end;
	}
}

void text_box_wrap(struct work *work, struct str text, double width, double height,
		   double most_size, struct text_box *ret)
{
	struct words words;
	measure(work, text, &words);
	double size = most_size;
	if (words.widest * size > width)
		size = width / words.widest;
	for (int i = 0; i < TRIES_MAX; i++, size *= smaller) {
		double tall = (double)count_lines(&words, width / size) * size * leading;
		if (tall <= height)
			break;
	}
	*ret = (struct text_box){.count = count_lines(&words, width / size),
				 .size = size,
				 .leading = size * leading};
	set_lines(work, &words, width / size, ret);
}

void text_box_draw(struct work *work, fz_buffer *content, const struct text_box *box, double x,
		   double top, double slant)
{
	for (size_t i = 0; i < box->count; i++)
		typeset_draw(work, content, &box->lines[i], x,
			     top - (double)i * box->leading - box->size, box->size, slant);
}
