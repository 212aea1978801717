// Package postgresql has fleets of PostgreSQL servers, whose plugins are extensions: a [Fleet]
// is one extension in one environment, its instances are servers, its tenants are databases.
//
// # What is kept where
//
// What runs is read from the databases, each time anew: pg_extension.extversion. What was asked
// for is kept in a schema of a control database: the fence, the default version of each server,
// the versions that databases are pinned to, and which changes are not in effect yet. It is not
// in a folder, because several programs may walk rollouts of the same servers, one after the
// other; and not on each server, because an order has to be taken as a whole, also while one of
// them is away. Traffic is counted in memory, since a program began.
//
// # How a change is carried out
//
// An order changes what is asked for, in one transaction, and is answered. One worker for each
// server then compares that with what is there, and updates what differs, in a transaction of
// the database. So an order that is taken twice does nothing twice, and whoever was killed in
// the middle is followed by whoever looks next.
package postgresql
