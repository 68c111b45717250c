//! The pages of a column, unpacked within bounds.
//!
//! The page reader of the `parquet` crate takes sizes at their word: a page of some hundred bytes makes it reserve and
//! fill gigabytes, which ends the program. So it reads the pages as they lie in the file, and they are unpacked here.
//! Its job: pages that their decoder can afford. Not its job: headers, values.
//! Invariant: all pages of a file together stay within one allowance.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;

/// What an entry of a dictionary takes when decoded, in bytes.
const ENTRY_BYTES: usize = 32;
/// The most bytes that LZ4 makes of one.
const LZ4_RATIO: usize = 255;

/// The pages of one column of a row group.
pub(super) struct Pages {
    packed: SerializedPageReader<Bytes>,
    codec: Compression,
    /// What all pages of the file may still take, in bytes.
    allowance: Arc<AtomicUsize>,
}

impl Pages {
    pub(super) fn new(
        file: Bytes,
        column: &ColumnChunkMetaData,
        rows: usize,
        allowance: Arc<AtomicUsize>,
    ) -> Result<Pages> {
        let codec = column.compression();
        let as_it_lies = column.clone().into_builder().set_compression(Compression::UNCOMPRESSED).build()?;
        let packed = SerializedPageReader::new(Arc::new(file), &as_it_lies, rows, None)?;
        Ok(Pages { packed, codec, allowance })
    }

    fn next_page(&mut self) -> Result<Option<Page>> {
        let Some(mut page) = self.packed.get_next_page()? else { return Ok(None) };
        match &mut page {
            Page::DictionaryPage { buf, num_values, .. } => {
                self.spend((*num_values as usize).saturating_mul(ENTRY_BYTES))?;
                *buf = self.unpack(buf)?;
            }
            Page::DataPage { buf, encoding, .. } => {
                check(*encoding)?;
                *buf = self.unpack(buf)?;
            }
            Page::DataPageV2 {
                buf,
                encoding,
                def_levels_byte_len,
                rep_levels_byte_len,
                is_compressed,
                ..
            } => {
                check(*encoding)?;
                let levels = *def_levels_byte_len as usize + *rep_levels_byte_len as usize;
                let Some((levels, values)) = buf.split_at_checked(levels) else {
                    return Err(ParquetError::EOF("a page is shorter than its levels".to_owned()));
                };
                // A page of nulls has nothing to unpack.
                if *is_compressed && !values.is_empty() {
                    *buf = [levels, &self.unpack(&buf.slice(levels.len()..))?].concat().into();
                }
            }
        }
        Ok(Some(page))
    }

    fn spend(&self, bytes: usize) -> Result<()> {
        let left =
            self.allowance.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        left.map(drop)
            .map_err(|_| ParquetError::General("its pages unpack to more than its footer says".to_owned()))
    }

    fn unpack(&self, packed: &Bytes) -> Result<Bytes> {
        let left = self.allowance.load(Ordering::Relaxed);
        let limited = |reader: &mut dyn Read| -> Result<Vec<u8>> {
            let mut unpacked = Vec::new();
            reader.take(left as u64 + 1).read_to_end(&mut unpacked)?;
            Ok(unpacked)
        };
        let external = |error| ParquetError::External(error);
        let unpacked = match self.codec {
            Compression::UNCOMPRESSED => packed.clone(),
            Compression::SNAPPY => {
                let length = snap::raw::decompress_len(packed).map_err(|error| external(error.into()))?;
                self.spend(length)?;
                let values = snap::raw::Decoder::new().decompress_vec(packed);
                return values.map(Bytes::from).map_err(|error| external(error.into()));
            }
            Compression::GZIP(_) => limited(&mut flate2::read::MultiGzDecoder::new(packed.as_ref()))?.into(),
            Compression::ZSTD(_) => {
                let frame = ruzstd::decoding::StreamingDecoder::new(packed.as_ref());
                limited(&mut frame.map_err(|error| external(error.into()))?)?.into()
            }
            Compression::LZ4_RAW => {
                let mut unpacked = vec![0; packed.len().saturating_mul(LZ4_RATIO).min(left)];
                let length = lz4_flex::block::decompress_into(packed, &mut unpacked);
                unpacked.truncate(length.map_err(|error| external(error.into()))?);
                unpacked.shrink_to_fit();
                unpacked.into()
            }
            Compression::LZO | Compression::BROTLI(_) | Compression::LZ4 => {
                let name = self.codec.to_string();
                let name = name.split('(').next().unwrap_or_default();
                return Err(ParquetError::NYI(format!("the packing {name}")));
            }
        };
        self.spend(unpacked.len())?;
        Ok(unpacked)
    }
}

/// Lets the encodings pass whose decoders reserve no more than a page has.
fn check(encoding: Encoding) -> Result<()> {
    let is_bounded = matches!(
        encoding,
        Encoding::PLAIN
            | Encoding::PLAIN_DICTIONARY
            | Encoding::RLE_DICTIONARY
            | Encoding::RLE
            | Encoding::DELTA_BINARY_PACKED
            | Encoding::BYTE_STREAM_SPLIT
    );
    if is_bounded { Ok(()) } else { Err(ParquetError::NYI(format!("the encoding {encoding}"))) }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        self.next_page()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.packed.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.packed.skip_next_page()
    }
}
