#include "pdf/worker/picture.h"

#include "base/limits.h"
#include "pdf/worker/pdf_text.h"

enum { FINE_PIXELS = LIMIT_SIGNING_PNG_PIXELS / 2 };

/* PNG 1.2, 3.1 and 11.2.2: a signature of 8 bytes, then IHDR with width and height. */
static void check_head(struct work *work, struct str png)
{
	static const char head[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
	enum { HEAD_BYTES = 16 };
	if (png.len < HEAD_BYTES + 8 || memcmp(png.data, head, HEAD_BYTES) != 0)
		refuse(work, PDF_BAD_IMAGE);
	for (int at = HEAD_BYTES; at < HEAD_BYTES + 8; at += 4) {
		uint32_t side = 0;
		for (int i = 0; i < 4; i++)
			side = side << 8 | (uint8_t)png.data[at + i];
		if (side == 0 || side > LIMIT_SIGNING_PNG_PIXELS)
			refuse(work, PDF_BAD_IMAGE);
	}
}

static fz_pixmap *read_points(struct work *work, struct str png)
{
	fz_context *ctx = work->ctx;
	fz_image *image = NULL;
	fz_pixmap *points = NULL, *converted = NULL;
	fz_buffer *buffer =
		fz_new_buffer_from_copied_data(ctx, (const unsigned char *)png.data, png.len);
	fz_var(image);
	fz_var(points);
	fz_var(converted);
	fz_try(ctx)
	{
		image = fz_new_image_from_buffer(ctx, buffer);
		points = fz_get_unscaled_pixmap_from_image(ctx, image);
		converted = fz_convert_pixmap(ctx, points, fz_device_rgb(ctx), NULL, NULL,
					      fz_default_color_params, 1);
	}
	fz_always(ctx)
	{
		fz_drop_pixmap(ctx, points);
		fz_drop_image(ctx, image);
		fz_drop_buffer(ctx, buffer);
	}
	fz_catch(ctx)
		refuse(work, fz_caught(ctx) == FZ_ERROR_MEMORY ? PDF_TOO_HEAVY : PDF_BAD_IMAGE);
	return converted;
}

/* More than any printer shows in a signature would only make it long: then every two by two points
 * become one. */
static int step_of(const fz_pixmap *points)
{
	bool is_fine = points->w > FINE_PIXELS || points->h > FINE_PIXELS;
	return is_fine && points->w > 1 && points->h > 1 ? 2 : 1;
}

static unsigned mean(const fz_pixmap *points, int x, int y, int channel)
{
	int step = step_of(points);
	unsigned sum = 0;
	for (int i = 0; i < step; i++)
		for (int k = 0; k < step; k++)
			sum += points->samples[(ptrdiff_t)(y * step + i) * points->stride +
					       (ptrdiff_t)(x * step + k) * points->n + channel];
	return sum / (unsigned)(step * step);
}

/* Colours are multiplied by how much they cover; PDF wants them as they are. */
static void split(const fz_pixmap *points, uint8_t *colors, uint8_t *cover)
{
	int width = points->w / step_of(points), height = points->h / step_of(points);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			unsigned alpha = points->alpha ? mean(points, x, y, 3) : 255;
			*cover++ = (uint8_t)alpha;
			for (int i = 0; i < 3; i++) {
				unsigned color =
					alpha > 0 ? mean(points, x, y, i) * 255u / alpha : 0;
				*colors++ = (uint8_t)(color < 255 ? color : 255);
			}
		}
}

static pdf_obj *add_image(struct work *work, const struct picture *size, const uint8_t *bytes,
			  bool is_color, pdf_obj *mask)
{
	fz_context *ctx = work->ctx;
	pdf_obj *stream = NULL, *dict = pdf_new_dict(ctx, work->doc, 10);
	size_t count = (size_t)size->width * (size_t)size->height;
	fz_var(stream);
	fz_try(ctx)
	{
		pdf_dict_put(ctx, dict, PDF_NAME(Type), PDF_NAME(XObject));
		pdf_dict_put(ctx, dict, PDF_NAME(Subtype), PDF_NAME(Image));
		pdf_dict_put_int(ctx, dict, PDF_NAME(Width), size->width);
		pdf_dict_put_int(ctx, dict, PDF_NAME(Height), size->height);
		pdf_dict_put_int(ctx, dict, PDF_NAME(BitsPerComponent), 8);
		pdf_dict_put(ctx, dict, PDF_NAME(ColorSpace),
			     is_color ? PDF_NAME(DeviceRGB) : PDF_NAME(DeviceGray));
		if (mask)
			pdf_dict_put(ctx, dict, PDF_NAME(SMask), mask);
		stream = pdf_text_stream(work, dict, bytes, is_color ? 3 * count : count);
	}
	fz_always(ctx) pdf_drop_obj(ctx, dict);
	fz_catch(ctx) fz_rethrow(ctx);
	return stream;
}

static void add_new(struct work *work, struct str png, struct picture *ret)
{
	fz_context *ctx = work->ctx;
	pdf_obj *mask = NULL;
	uint8_t *colors = NULL;
	fz_pixmap *points = read_points(work, png);
	size_t count = (size_t)points->w * (size_t)points->h; /* or a quarter of them */
	fz_var(mask);
	fz_var(colors);
	fz_try(ctx)
	{
		colors = fz_malloc(ctx, 4 * count);
		split(points, colors, colors + 3 * count);
		int step = step_of(points);
		*ret = (struct picture){.width = points->w / step, .height = points->h / step};
		mask = add_image(work, ret, colors + 3 * count, false, NULL);
		ret->image = add_image(work, ret, colors, true, mask);
	}
	fz_always(ctx)
	{
		pdf_drop_obj(ctx, mask);
		fz_free(ctx, colors);
		fz_drop_pixmap(ctx, points);
	}
	fz_catch(ctx) fz_rethrow(ctx);
}

static bool find_known(struct work *work, struct str png, struct picture *ret)
{
	for (int i = 0; i < work->picture_count; i++) {
		const struct known_picture *known = &work->pictures[i];
		if (!str_eq(known->png, png))
			continue;
		*ret = (struct picture){.width = known->width, .height = known->height};
		ret->image = pdf_new_indirect(work->ctx, work->doc, known->number, 0);
		return true;
	}
	return false;
}

void picture_add(struct work *work, struct str png, struct picture *ret)
{
	if (find_known(work, png, ret))
		return;
	check_head(work, png);
	add_new(work, png, ret);
	if (work->picture_count == KNOWN_PICTURES_MAX)
		return;
	work->pictures[work->picture_count++] =
		(struct known_picture){.png = png,
				       .number = pdf_to_num(work->ctx, ret->image),
				       .width = ret->width,
				       .height = ret->height};
}
