#include "pdf/wire.h"

#include <math.h>

static const double number_max = 1e6;

void wire_put_byte(struct buf *out, uint8_t value)
{
	buf_add_char(out, (char)value);
}

static void put_bytes(struct buf *out, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		buf_add_char(out, (char)(value >> 8 * i));
}

void wire_put_int(struct buf *out, int64_t value)
{
	put_bytes(out, (uint64_t)value, 8);
}

void wire_put_number(struct buf *out, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	put_bytes(out, bits, 8);
}

void wire_put_text(struct buf *out, struct str text)
{
	if (text.len > UINT32_MAX) {
		out->err = ERR_TOO_LARGE;
		return;
	}
	put_bytes(out, text.len, 4);
	buf_add(out, text);
}

static struct str take(struct wire *wire, size_t bytes)
{
	if (wire->is_bad || bytes > wire->rest.len) {
		wire->is_bad = true;
		return STR_NONE;
	}
	struct str taken = str_slice(wire->rest, 0, bytes);
	wire->rest = str_slice(wire->rest, bytes, wire->rest.len);
	return taken;
}

static uint64_t take_bytes(struct wire *wire, size_t bytes)
{
	struct str taken = take(wire, bytes);
	uint64_t value = 0;
	for (size_t i = 0; i < taken.len; i++)
		value |= (uint64_t)(uint8_t)taken.data[i] << 8 * i;
	return value;
}

uint8_t wire_byte(struct wire *wire)
{
	return (uint8_t)take_bytes(wire, 1);
}

bool wire_bool(struct wire *wire)
{
	uint8_t value = wire_byte(wire);
	if (value > 1)
		wire->is_bad = true;
	return value == 1 && !wire->is_bad;
}

int64_t wire_int(struct wire *wire, int64_t min, int64_t max)
{
	int64_t value = (int64_t)take_bytes(wire, 8);
	if (value < min || value > max)
		wire->is_bad = true;
	return wire->is_bad ? min : value;
}

double wire_number(struct wire *wire)
{
	uint64_t bits = take_bytes(wire, 8);
	double value;
	memcpy(&value, &bits, sizeof(value));
	if (!isfinite(value) || fabs(value) > number_max)
		wire->is_bad = true;
	return wire->is_bad ? 0 : value;
}

struct str wire_text(struct wire *wire, size_t max_bytes)
{
	uint64_t len = take_bytes(wire, 4);
	if (len > max_bytes)
		wire->is_bad = true;
	return take(wire, (size_t)len);
}

size_t wire_count(struct wire *wire, size_t max, size_t bytes_each)
{
	int64_t count = wire_int(wire, 0, (int64_t)max);
	if ((size_t)count > wire->rest.len / bytes_each)
		wire->is_bad = true;
	return wire->is_bad ? 0 : (size_t)count;
}

bool wire_is_whole(const struct wire *wire)
{
	return !wire->is_bad && wire->rest.len == 0;
}
