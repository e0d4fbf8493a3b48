using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CdfProvisioning.Keys;
using CdfProvisioning.Tests.Certificates;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Keys;

public sealed class KeyFileTests : KeyFileTestBase
{
    [Fact]
    public async Task A_batch_stays_if_its_rows_are_committed_and_goes_if_they_are_not()
    {
        var file = Open();
        await using (var kept = await file.BeginAsync("task", 2, Cancellation))
        {
            kept.Append([Line(1), Line(2)]);
            kept.Keep();
        }
        await using (var lost = await file.BeginAsync("task", 4, Cancellation))
            lost.Append([Line(3), Line(4)]);

        Assert.Equal([1, 2], Rows());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
    }

    /// <summary>What one has left that was killed anywhere between its note and the end of its batch, with any part of the batch on the disk.</summary>
    [Fact]
    public void The_next_batch_finds_exactly_the_rows_that_are_committed_wherever_the_last_was_killed() => Prop.ForAll(
        (from committed in Gen.Elements(true, false)
         from cut in Gen.Choose(0, 200)
         from sealed_ in Gen.Elements(true, false)
         select (committed, cut, sealed_)).ToArbitrary(),
        async ((bool Committed, int Cut, bool Sealed) killed) =>
        {
            File.Delete(FilePath);
            var recipient = killed.Sealed ? Recipient.ExportCertificatePem() : null;
            await using (var first = await Open(recipient).BeginAsync("first", 1, Cancellation))
            {
                first.Append([Line(1)]);
                first.Keep();
            }
            var whole = new FileInfo(FilePath).Length;
            await using (var batch = await Open(recipient).BeginAsync("second", 3, Cancellation))
            {
                batch.Append([Line(2), Line(3)]);
                batch.Keep();
            }
            Assert.Equal(0, new FileInfo(NotePath).Length);
            LeaveNote($$"""{"offset":{{whole}},"registry":"registry","taskId":"second","lastRow":3}"""); // as if it had been killed here
            if (!killed.Committed)
            {
                await using var torn = new FileStream(FilePath, FileMode.Open);
                torn.SetLength(Math.Max(whole, torn.Length - killed.Cut));
            }
            Done["second"] = killed.Committed ? 3 : 1;

            await Open(recipient).RecoverAsync(Cancellation);

            Assert.Equal(killed.Committed ? [1, 2, 3] : [1L], Rows(killed.Sealed ? Recipient : null));
            Assert.Equal(0, new FileInfo(NotePath).Length);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Many_append_at_once_each_a_whole_batch()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(task => Task.Run(async () =>
        {
            var file = Open();
            for (var batch = 0; batch < 10; batch++)
            {
                await using var keys = await file.BeginAsync($"task-{task}", batch, Cancellation);
                keys.Append([.. Enumerable.Range(0, 5).Select(i => Line(task * 1000 + batch * 10 + i))]);
                if (batch % 3 != 0)
                    keys.Keep();
            }
        })));

        var rows = Rows();
        Assert.Equal(8 * 6 * 5, rows.Count);
        Assert.All(rows.Chunk(5), chunk => Assert.Equal(Enumerable.Range((int)chunk[0], 5).Select(i => (long)i), chunk));
    }

    [Theory]
    [InlineData("RSA")]
    [InlineData("nistP256")]
    [InlineData("nistP521")]
    public async Task OpenSSL_decrypts_what_only_the_recipient_may_read(string key)
    {
        using var recipient = Certificate(key);
        await using (var batch = await Open(recipient.ExportCertificatePem()).BeginAsync("task", 2, Cancellation))
        {
            batch.Append([Line(1), Line(2)]);
            batch.Keep();
        }
        Assert.DoesNotContain("PRIVATE KEY", await File.ReadAllTextAsync(FilePath, Cancellation), StringComparison.Ordinal);
        Assert.Equal([1, 2], Rows(recipient));

        using var openssl = new OpenSsl();
        openssl.Write("factory.cer", recipient.ExportCertificatePem());
        openssl.Write("factory.key", (recipient.GetRSAPrivateKey() ?? (AsymmetricAlgorithm)recipient.GetECDsaPrivateKey()!).ExportPkcs8PrivateKeyPem());
        openssl.Write("keys.jsonl", await File.ReadAllTextAsync(FilePath, Cancellation));
        Assert.Equal(
            Encoding.UTF8.GetString([.. Line(1), .. Line(2)]),
            openssl.Run("cms -decrypt -binary -inform PEM -in keys.jsonl -recip factory.cer -inkey factory.key"));

        using var other = Certificate(key);
        Assert.Contains("cannot be read with the key", Assert.Throws<CdfException>(() => Rows(other)).Message, StringComparison.Ordinal);
        Assert.Contains("encrypted", Assert.Throws<CdfException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_key_file_is_left_alone()
    {
        await File.WriteAllTextAsync(FilePath, "dear diary", Cancellation);
        Assert.Contains("no key file", Assert.Throws<CdfException>(() => Open()).Message, StringComparison.Ordinal);
        Assert.Equal("dear diary", await File.ReadAllTextAsync(FilePath, Cancellation));

        File.Delete(FilePath);
        if (OperatingSystem.IsWindows())
            return;
        var victim = Path.Combine(Folder.Path, "victim");
        await File.WriteAllTextAsync(victim, "{precious", Cancellation);
        File.CreateSymbolicLink(FilePath, victim);
        Assert.Equal(CdfErrorCode.Unavailable, Assert.Throws<CdfException>(() => Open()).Code);
        Assert.Equal("{precious", await File.ReadAllTextAsync(victim, Cancellation));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8_191)]
    [InlineData(8_192)]
    [InlineData(8_193)]
    [InlineData(20_000)]
    public async Task A_last_line_without_an_end_is_cut_off_by_who_appends_next(int length)
    {
        await File.WriteAllTextAsync(FilePath, "{" + new string('x', length - 1), Cancellation);
        await AppendAsync(1);
        Assert.Equal([1], Rows());

        await File.AppendAllTextAsync(FilePath, "{" + new string('x', length - 1), Cancellation);
        await AppendAsync(2);
        Assert.Equal([1, 2], Rows());
    }

    [Fact]
    public async Task What_is_appended_again_in_a_batch_takes_the_place_of_the_first()
    {
        await AppendAsync(1);
        await using (var batch = await Open().BeginAsync("task", 3, Cancellation))
        {
            batch.Append([Line(2), Line(3)]);
            batch.Append([Line(3)]);
            batch.Keep();
        }
        Assert.Equal([1, 3], Rows());

        await using (var batch = await Open().BeginAsync("task", 4, Cancellation))
        {
            batch.Append([Line(4)]);
            batch.Append([]);
            batch.Keep();
        }
        Assert.Equal([1, 3], Rows());
    }

    [Fact]
    public void A_file_that_is_not_there_or_cannot_be_one_is_named()
    {
        Assert.Equal(CdfErrorCode.NotFound, Assert.Throws<CdfException>(() => Rows()).Code);
        Directory.CreateDirectory(FilePath);
        Assert.Equal(CdfErrorCode.InvalidRequest, Assert.Throws<CdfException>(() => Open()).Code);
        Assert.Contains($"The key file '{FilePath}'", Assert.Throws<CdfException>(() => Rows()).Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_line_of_a_device_without_a_thing_comes_back_and_never_shows_its_key()
    {
        var line = new KeyLine(7, null, "id", "certificate", "key");

        Assert.Equal(line, KeyLine.Decode(line.Encode()));
        Assert.Equal("the key of id", $"{line}");
        Assert.Equal("the key of thing-1", $"{KeyLine.Decode(Line(1))}");
    }

    [Fact]
    public void A_file_that_others_may_replace_is_refused_or_warned_of()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        if (OperatingSystem.IsWindows())
            return;
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.SetUnixFileMode(Folder.Path, mine | UnixFileMode.OtherWrite);
        Assert.Contains("Everybody may write", Assert.Throws<CdfException>(() => Open()).Message, StringComparison.Ordinal);

        File.SetUnixFileMode(Folder.Path, mine | UnixFileMode.GroupWrite);
        Assert.Contains("Others may write", Open().Warning, StringComparison.Ordinal);

        File.SetUnixFileMode(Folder.Path, mine);
        File.SetUnixFileMode(FilePath, mine | UnixFileMode.OtherRead);
        Assert.Null(Open().Warning);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
    }

    private static X509Certificate2 Recipient { get; } = Certificate();

    private static X509Certificate2 Certificate(string key = "RSA")
    {
        var request = key == "RSA"
            ? new CertificateRequest("CN=Factory", RSA.Create(2048), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=Factory", ECDsa.Create(ECCurve.CreateFromFriendlyName(key)), HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
