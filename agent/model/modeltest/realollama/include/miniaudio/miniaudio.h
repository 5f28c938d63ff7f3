// Takes the place of an audio decoder that Go module archives leave out. The
// tests send no sound: nothing can be decoded.
#pragma once
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using ma_result = int;
using ma_uint64 = std::uint64_t;
struct ma_decoder {};
struct ma_decoder_config {};
constexpr ma_result MA_SUCCESS = 0;
constexpr ma_result hob_no_sound = -1;
enum { ma_format_f32 };

inline ma_decoder_config ma_decoder_config_init(int, unsigned, unsigned) { return {}; }
inline ma_result ma_decoder_init_memory(const void *, std::size_t, const ma_decoder_config *, ma_decoder *) { return hob_no_sound; }
inline ma_result ma_decoder_get_length_in_pcm_frames(ma_decoder *, ma_uint64 *) { return hob_no_sound; }
inline ma_result ma_decoder_read_pcm_frames(ma_decoder *, void *, ma_uint64, ma_uint64 *) { return hob_no_sound; }
inline ma_result ma_decoder_uninit(ma_decoder *) { return MA_SUCCESS; }
