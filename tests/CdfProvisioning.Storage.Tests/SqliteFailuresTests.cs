using CdfProvisioning.Storage.Sqlite;
using SQLitePCL;
using Xunit;

namespace CdfProvisioning.Storage.Tests;

public sealed class SqliteFailuresTests
{
    /// <summary>With the codes that SQLite adds its details to: the lowest byte says what it is.</summary>
    [Theory]
    [InlineData(raw.SQLITE_FULL, "disk is full")]
    [InlineData(raw.SQLITE_CORRUPT, "is damaged")]
    [InlineData(raw.SQLITE_NOTADB, "is damaged")]
    [InlineData(raw.SQLITE_READONLY, "cannot be opened for writing")]
    [InlineData(raw.SQLITE_READONLY_DBMOVED, "cannot be opened for writing")]
    [InlineData(raw.SQLITE_PERM, "cannot be opened for writing")]
    [InlineData(raw.SQLITE_AUTH, "cannot be opened for writing")]
    [InlineData(raw.SQLITE_CANTOPEN, "cannot be opened for writing")]
    [InlineData(raw.SQLITE_BUSY, "Another process")]
    [InlineData(raw.SQLITE_LOCKED, "Another process")]
    [InlineData(raw.SQLITE_IOERR, "Check the disk")]
    [InlineData(raw.SQLITE_IOERR_WRITE, "Check the disk")]
    [InlineData(raw.SQLITE_NOMEM, "too little memory")]
    [InlineData(raw.SQLITE_PROTOCOL, "could not do this: detail (SQLite error 15)")]
    public void Trouble_with_the_file_is_said_in_the_users_words_and_loses_the_transaction(int code, string words)
    {
        var error = SqliteFailures.Error("registry", code, "detail");
        Assert.Equal(CdfErrorCode.Unavailable, error.Code);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.True(SqliteFailures.IsOfTheFile(code));
        Assert.Equal(words.Contains("for writing", StringComparison.Ordinal), SqliteFailures.IsNotWritable(error));
    }

    [Theory]
    [InlineData(raw.SQLITE_CONSTRAINT)]
    [InlineData(raw.SQLITE_CONSTRAINT_UNIQUE)]
    [InlineData(raw.SQLITE_ERROR)]
    [InlineData(raw.SQLITE_TOOBIG)]
    [InlineData(raw.SQLITE_MISMATCH)]
    [InlineData(raw.SQLITE_RANGE)]
    [InlineData(raw.SQLITE_MISUSE)]
    public void Trouble_with_a_statement_loses_no_more_than_the_statement(int code) => Assert.False(SqliteFailures.IsOfTheFile(code));
}
