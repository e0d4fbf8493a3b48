using System.Globalization;
using CdfProvisioning.Storage.Sqlite;
using Xunit;

namespace CdfProvisioning.Storage.Tests;

public sealed class CrashTests : IDisposable
{
    private const string PathVariable = "CDF_TEST_CRASHING_WRITER";
    private const string Answer = "written ";
    private const int Pair = 2;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_writer_killed_at_any_moment_leaves_only_whole_operations()
    {
        var path = _folder.File("registry.db");
        for (var round = 0; round < 3; round++)
        {
            using var child = ChildProcess.Start<CrashTests>(nameof(WriteUntilKilledAsync), (PathVariable, path));
            var written = 0L;
            for (var lines = 0; lines < 50 * (round + 1); lines++)
                written = long.Parse((await child.ReadLineAsync(Answer))[Answer.Length..], CultureInfo.InvariantCulture);
            await child.KillAsync();

            await using var database = await Database.OpenAsync(path, Sample.Schema, Cancellation);
            var (check, count, halves) = await database.ReadAsync(
                session => (
                    session.Scalar<string>("PRAGMA integrity_check"),
                    session.Scalar<long>("SELECT count(*) FROM setting"),
                    session.Scalar<long>("SELECT count(*) FROM (SELECT 1 FROM setting GROUP BY value HAVING count(*) <> 2)")),
                Cancellation);
            Assert.Equal("ok", check);
            Assert.Equal(0, halves);
            Assert.True(count >= written * Pair, $"{written} pairs were answered, but only {count} rows are there.");
        }
    }

    /// <summary>The child process of the test above: writes pairs of rows, several at a time, until it is killed.</summary>
    private static async Task WriteUntilKilledAsync()
    {
        await using var database = await Database.OpenAsync(Environment.GetEnvironmentVariable(PathVariable)!, Sample.Schema, Cancellation);
        for (var written = await database.ReadAsync(s => s.Scalar<long>("SELECT count(*) / 2 FROM setting"), Cancellation); ;)
        {
            await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => WritePair(database)));
            written += 10;
            Console.WriteLine($"{Answer}{written}");
        }
    }

    private static Task<int> WritePair(Database database) =>
        database.WriteAsync(
            session =>
            {
                var pair = Guid.NewGuid().ToString();
                for (var i = 0; i < Pair; i++)
                    session.Execute("INSERT INTO setting (key, value) VALUES ($1, $2)", $"{pair}/{i}", pair);
                return 0;
            },
            Cancellation).AsTask();
}
