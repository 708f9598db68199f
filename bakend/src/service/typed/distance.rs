//! Filters by place: how far a record is from somewhere.

use std::marker::PhantomData;

use super::{Beyond, Filter, GeoPoint, Operand, Path, filter};
use crate::query::{Op, WordKind};

impl<C, K> Path<C, GeoPoint, K> {
    /// The longitude, in degrees.
    pub fn lon(self) -> Path<C, f64, Beyond> {
        self.inside("lon")
    }

    /// The latitude, in degrees.
    pub fn lat(self) -> Path<C, f64, Beyond> {
        self.inside("lat")
    }

    /// How far it is from a place, in kilometres.
    pub fn distance_km(self, from: GeoPoint) -> Distance<C> {
        let (lon, lat) = (self.clone().lon().text(), self.lat().text());
        Distance { lon, lat, from, of: PhantomData }
    }
}

/// How far a place of a record is from another, in kilometres, along the surface of the Earth.
#[derive(Clone, Debug)]
pub struct Distance<C> {
    lon: String,
    lat: String,
    from: GeoPoint,
    of: PhantomData<fn() -> C>,
}

impl<C> Distance<C> {
    /// Nearer than this.
    pub fn lt(self, kilometres: f64) -> Filter<C> {
        self.compare(Op::Lt, kilometres)
    }

    /// This far at most.
    pub fn le(self, kilometres: f64) -> Filter<C> {
        self.compare(Op::Lte, kilometres)
    }

    /// Farther than this.
    pub fn gt(self, kilometres: f64) -> Filter<C> {
        self.compare(Op::Gt, kilometres)
    }

    /// This far at least.
    pub fn ge(self, kilometres: f64) -> Filter<C> {
        self.compare(Op::Gte, kilometres)
    }

    fn compare(self, op: Op, kilometres: f64) -> Filter<C> {
        let number = |number: f64| Operand::<C, f64>::word(number).0;
        let words = [
            WordKind::Identifier(self.lon),
            WordKind::Identifier(self.lat),
            number(self.from.lon),
            number(self.from.lat),
        ];
        let call = WordKind::Call("geoDistance".to_owned(), words.map(filter::word).into());
        filter::compare(call, op, false, number(kilometres))
    }
}
