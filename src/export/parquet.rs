//! Rows → Parquet, in groups of rows that fit in memory.

use std::fs::File;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::rows::{Cell, Rows};
use super::{Kind, Table, Trouble};

/// Rows of a group at most.
const ROWS: usize = 1 << 16;
/// Bytes of text of a group: it is in memory twice, as it is and encoded. Engines like groups as large as that.
const BYTES: usize = 16 << 20;

/// Writes the schema and the rows.
pub(super) fn write(table: &Table, mut rows: Rows<'_>, file: &mut File) -> Result<(), Trouble> {
    let schema = Arc::new(schema(table).map_err(of_parquet)?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!("passdown version ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let mut writer =
        SerializedFileWriter::new(file, schema, Arc::new(properties)).map_err(of_parquet)?;
    let mut group = Group::new(table);
    while rows.next(|index, cell| group.take(index, cell))? {
        group.rows += 1;
        if group.rows >= ROWS || group.bytes >= BYTES {
            group.write(&mut writer).map_err(of_parquet)?;
            group = Group::new(table);
        }
    }
    if group.rows > 0 {
        group.write(&mut writer).map_err(of_parquet)?;
    }
    writer.close().map(drop).map_err(of_parquet)
}

fn schema(table: &Table) -> Result<Type, ParquetError> {
    let columns = table.columns.iter().map(|column| {
        let (physical, logical) = match column.kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Count => (Physical::INT64, None),
            Kind::Number => (Physical::DOUBLE, None),
            Kind::Flag => (Physical::BOOLEAN, None),
            Kind::Time => (
                Physical::INT64,
                Some(LogicalType::timestamp(true, TimeUnit::MILLIS)),
            ),
        };
        Type::primitive_type_builder(column.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    });
    Type::group_type_builder(table.name)
        .with_fields(columns.collect::<Result<_, _>>()?)
        .build()
}

/// Rows that are written together.
struct Group {
    columns: Vec<(Values, Vec<i16>)>,
    rows: usize,
    bytes: usize,
}

/// The values of a column that are there.
enum Values {
    Texts(Vec<ByteArray>),
    Counts(Vec<i64>),
    Numbers(Vec<f64>),
    Flags(Vec<bool>),
}

impl Group {
    fn new(table: &Table) -> Self {
        let values = |kind| match kind {
            Kind::Text => Values::Texts(Vec::new()),
            Kind::Count | Kind::Time => Values::Counts(Vec::new()),
            Kind::Number => Values::Numbers(Vec::new()),
            Kind::Flag => Values::Flags(Vec::new()),
        };
        Self {
            columns: (table.columns.iter())
                .map(|column| (values(column.kind), Vec::new()))
                .collect(),
            rows: 0,
            bytes: 0,
        }
    }

    fn take(&mut self, index: usize, cell: Cell<'_>) -> Result<(), Trouble> {
        let Some((values, there)) = self.columns.get_mut(index) else {
            return Ok(());
        };
        there.push(i16::from(cell != Cell::Nothing));
        match (values, cell) {
            (Values::Texts(texts), Cell::Text(text)) => {
                self.bytes += text.len();
                texts.push(text.into());
            }
            (Values::Counts(counts), Cell::Count(count)) => counts.push(count),
            (Values::Counts(counts), Cell::Time(text)) => {
                let time: jiff::Timestamp = text.parse().map_err(|error| {
                    Trouble::File(std::io::Error::other(format!("a time: {error}")))
                })?;
                counts.push(time.as_millisecond());
            }
            (Values::Numbers(numbers), Cell::Number(number)) => numbers.push(number),
            (Values::Flags(flags), Cell::Flag(flag)) => flags.push(flag),
            // A cell is of its column's kind, or nothing.
            _ => {}
        }
        Ok(())
    }

    fn write(self, writer: &mut SerializedFileWriter<&mut File>) -> Result<(), ParquetError> {
        let mut group = writer.next_row_group()?;
        for (values, there) in self.columns {
            let Some(mut column) = group.next_column()? else {
                break;
            };
            let there = Some(there.as_slice());
            match values {
                Values::Texts(texts) => {
                    (column.typed::<ByteArrayType>()).write_batch(&texts, there, None)?
                }
                Values::Counts(counts) => {
                    (column.typed::<Int64Type>()).write_batch(&counts, there, None)?
                }
                Values::Numbers(numbers) => {
                    (column.typed::<DoubleType>()).write_batch(&numbers, there, None)?
                }
                Values::Flags(flags) => {
                    (column.typed::<BoolType>()).write_batch(&flags, there, None)?
                }
            };
            column.close()?;
        }
        group.close().map(drop)
    }
}

fn of_parquet(error: ParquetError) -> Trouble {
    Trouble::File(std::io::Error::other(error))
}
