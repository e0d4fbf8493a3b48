using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Buckets;

public sealed class KilledUploadTests : BucketTestBase
{
    private const string FolderVariable = "CDF_TEST_KILLED_UPLOAD";
    private const string Writing = "writing";
    private const int Kills = 3;

    [Fact]
    public async Task A_process_killed_while_it_writes_objects_leaves_each_whole_with_its_own_headers()
    {
        for (var kill = 0; kill < Kills; kill++)
        {
            using var child = ChildProcess.Start<KilledUploadTests>(nameof(WriteUntilKilledAsync), (FolderVariable, Root));
            await child.ReadLineAsync(Writing);
            await child.KillAsync(within: TimeSpan.FromMilliseconds(50));

            var bucket = new BucketStore(new(Root)).Get(BucketOfTest);
            var listed = await bucket.ListAsync(new("", null, "", 1000), Cancellation);
            Assert.DoesNotContain("endless", listed.Items.Select(item => item.Key));
            foreach (var item in listed.Items)
            {
                var text = await File.ReadAllTextAsync(FileOf(item.Key), Cancellation);
                Assert.Equal(text, item.Headers["x-amz-meta-text"]);
            }
        }
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(Root, ".s3", "unfinished")));
    }

    /// <summary>The child process of the test above: writes an object without end, and others over and over, until it is killed.</summary>
    private static async Task WriteUntilKilledAsync()
    {
        var bucket = new BucketStore(new(Environment.GetEnvironmentVariable(FolderVariable)!)).Get(BucketOfTest);
        var endless = Task.Run(async () => await bucket.ReceiveAsync([new(new EndlessStream())], [], Cancellation));
        for (var i = 0; !endless.IsCompleted; i++)
        {
            var text = string.Concat(Enumerable.Repeat($"{i} ", 1 + (i % 100))).Trim();
            await PutAsync(bucket, $"key-{i % 3}/{i % 5}", text, WriteCondition.None, ("x-amz-meta-text", text));
            if (i == 20)
                Console.WriteLine(Writing);
        }
    }

    /// <summary>Goes slowly, so as not to fill the disk of a test that forgets to kill it.</summary>
    private sealed class EndlessStream : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(10, cancellationToken);
            return Math.Min(buffer.Length, 1024);
        }
    }
}
