#include "backup/ustar.h"

#include <stdio.h>
#include <string.h>

/* Where fields begin, and how long they are. */
enum {
	MODE_AT = 100,
	SIZE_AT = 124,
	TIME_AT = 136,
	SUM_AT = 148,
	SUM_BYTES = 8,
	TYPE_AT = 156,
	MAGIC_AT = 257,
	NUMBER_DIGITS = 11,
};

static void put_number(uint8_t *field, uint64_t number)
{
	for (int i = NUMBER_DIGITS; i-- > 0; number >>= 3)
		field[i] = (uint8_t)('0' + (number & 7));
}

/* The sum of all bytes, its own field taken as blanks. */
static void put_sum(uint8_t *head)
{
	char text[SUM_BYTES];
	unsigned sum = 0;
	memset(head + SUM_AT, ' ', SUM_BYTES);
	for (int i = 0; i < USTAR_BLOCK; i++)
		sum += head[i];
	snprintf(text, sizeof(text), "%06o", sum & 0777777);
	memcpy(head + SUM_AT, text, SUM_BYTES - 1);
}

void ustar_write(const struct ustar *head, uint8_t ret[USTAR_BLOCK])
{
	memset(ret, 0, USTAR_BLOCK);
	memcpy(ret, head->name, strnlen(head->name, USTAR_NAME_MAX));
	memcpy(ret + MODE_AT, "0000600\0000000000\0000000000", 23);
	put_number(ret + SIZE_AT, (uint64_t)head->bytes);
	put_number(ret + TIME_AT, (uint64_t)(head->at_ms / 1000));
	ret[TYPE_AT] = '0';
	memcpy(ret + MAGIC_AT, "ustar\00000", 8);
	put_sum(ret);
}

static bool get_number(const uint8_t *field, int64_t *ret)
{
	int64_t number = 0;
	for (int i = 0; i < NUMBER_DIGITS; i++) {
		if (field[i] < '0' || field[i] > '7')
			return false;
		number = number * 8 + (field[i] - '0');
	}
	*ret = number;
	return true;
}

bool ustar_read(const uint8_t block[USTAR_BLOCK], struct ustar *ret)
{
	struct ustar head = {.name = ""};
	uint8_t same[USTAR_BLOCK];
	int64_t seconds;
	memcpy(head.name, block, USTAR_NAME_MAX);
	if (!get_number(block + SIZE_AT, &head.bytes) || !get_number(block + TIME_AT, &seconds))
		return false;
	head.at_ms = seconds * 1000;
	ustar_write(&head, same);
	if (memcmp(same, block, USTAR_BLOCK) != 0)
		return false;
	*ret = head;
	return true;
}

size_t ustar_padding(int64_t bytes)
{
	return (size_t)((USTAR_BLOCK - bytes % USTAR_BLOCK) % USTAR_BLOCK);
}
