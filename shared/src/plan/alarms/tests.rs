//! Tables and goldens of what is wanted.
