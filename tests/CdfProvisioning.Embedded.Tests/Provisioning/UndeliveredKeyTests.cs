using System.Text.RegularExpressions;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>One key on its way out: what is in its file at each moment.</summary>
public sealed partial class UndeliveredKeyTests : FactoryTestBase
{
    private static readonly string FirstKey = Block("PRIVATE KEY", 'A');
    private static readonly string SecondKey = Block("PRIVATE KEY", 'B', lines: 1);
    private static readonly string Certificate = Block("CERTIFICATE", 'C');

    [Fact]
    public async Task The_certificate_joins_its_key_and_stays_with_it()
    {
        using var keys = Factory.OpenUndeliveredKeys();
        var place = await keys.OpenAsync("device", Cancellation);

        await place.TakeAsync(Factory.Connection.Registry, FirstKey, null, Cancellation);
        Assert.Equal(FirstKey, ContentOf(place));
        await place.TakeAsync(Factory.Connection.Registry, FirstKey, Certificate, Cancellation);
        Assert.Equal(FirstKey + Certificate, ContentOf(place));
        await place.TakeAsync(Factory.Connection.Registry, FirstKey, null, Cancellation);
        Assert.Equal(FirstKey + Certificate, ContentOf(place));

        place.Keep();

        Assert.Equal(FirstKey + Certificate, await File.ReadAllTextAsync(place.File, Cancellation));
    }

    [Fact]
    public async Task A_key_that_is_made_anew_leaves_nothing_of_the_one_before_also_where_it_is_shorter()
    {
        using var keys = Factory.OpenUndeliveredKeys();
        var place = await keys.OpenAsync("device", Cancellation);

        await place.TakeAsync(Factory.Connection.Registry, FirstKey, Certificate, Cancellation);
        place.TryTake(SecondKey, null);

        Assert.Equal(SecondKey, ContentOf(place));
        place.Keep();
        Assert.Equal(SecondKey, await File.ReadAllTextAsync(place.File, Cancellation));
    }

    [Fact]
    public async Task What_is_kept_is_not_given_back_and_what_was_given_back_is_not_kept()
    {
        using var keys = Factory.OpenUndeliveredKeys();
        var kept = await keys.OpenAsync("kept", Cancellation);
        var returned = await keys.OpenAsync("returned", Cancellation);
        kept.TryTake(FirstKey, Certificate);
        returned.TryTake(SecondKey, Certificate);

        kept.Keep();
        kept.GiveBack();
        returned.GiveBack();
        returned.Keep();

        Assert.Equal(FirstKey + Certificate, await File.ReadAllTextAsync(kept.File, Cancellation));
        Assert.Empty(ContentOf(returned));
    }

    [Fact]
    public async Task A_place_without_a_key_is_kept_as_none()
    {
        using var keys = Factory.OpenUndeliveredKeys();
        (await keys.OpenAsync("device", Cancellation)).Keep();

        Assert.DoesNotContain(Directory.EnumerateFiles(keys.Folder), file => Path.GetFileName(file).StartsWith("device", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_whose_key_was_handed_out_is_used_again_and_goes_in_the_end()
    {
        using (var keys = Factory.OpenUndeliveredKeys())
        {
            for (var i = 0; i < 3; i++)
            {
                var place = await keys.OpenAsync($"device-{i}", Cancellation);
                place.TryTake(FirstKey, Certificate);
                place.GiveBack();
            }

            Assert.Single(Directory.EnumerateFiles(keys.Folder));
        }

        Assert.Empty(Directory.EnumerateFiles(Factory.OpenUndeliveredKeys().Folder));
    }

    [Fact]
    public async Task A_key_whose_file_cannot_be_written_is_refused_before_the_device_is_registered()
    {
        using var keys = Factory.OpenUndeliveredKeys();
        Directory.CreateDirectory(Path.GetDirectoryName(keys.Folder)!);
        await File.WriteAllTextAsync(keys.Folder, "a file in the way", Cancellation);

        var error = await Assert.ThrowsAsync<CdfException>(async () => await keys.OpenAsync("device", Cancellation));
        Assert.Contains(keys.Folder, error.Message, StringComparison.Ordinal);
        File.Delete(keys.Folder);

        (await keys.OpenAsync("device", Cancellation)).TryTake(FirstKey, null); // what was in the way holds up nobody
    }

    /// <summary>What anybody finds who looks for the key: all but the note whose it is.</summary>
    private static string ContentOf(UndeliveredKey place)
    {
        using var file = new FileStream(place.File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        return OwnerNote().Replace(reader.ReadToEnd(), "");
    }

    [GeneratedRegex("# reserved by [^\n]*\n")]
    private static partial Regex OwnerNote();

    private static string Block(string label, char fill, int lines = 3) =>
        $"-----BEGIN {label}-----\n{string.Concat(Enumerable.Repeat(new string(fill, 64) + "\n", lines))}-----END {label}-----\n";
}
