using System.Text;
using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Provisioning;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Buckets;

public sealed class ListingTests : BucketTestBase
{
    private static readonly string[] Alphabet = ["a", "b", "-", ".x", "/", "a/", "\u00e4", "\ufb01", "\U0001f600", "~"];

    /// <summary>Keys of few different pieces, so that they are much alike; those that cannot be files beside the others are left out.</summary>
    private static readonly Gen<string[]> Keys =
        from keys in Gen.Choose(1, 6).SelectMany(length => Gen.Elements(Alphabet).ArrayOf(length)).Select(string.Concat).ListOf()
        select keys.Where(ObjectKey.IsValid).Aggregate(
            new List<string>(),
            (taken, key) =>
            {
                if (!taken.Exists(other => (key + "/").StartsWith(other + "/", StringComparison.Ordinal) || (other + "/").StartsWith(key + "/", StringComparison.Ordinal)))
                    taken.Add(key);
                return taken;
            }).ToArray();

    private static readonly Gen<(string[] Keys, string Prefix, string? Delimiter, int Max)> Cases =
        from keys in Keys
        from prefix in Gen.Elements(["", "a", "a/", "b", "a/b", "\u00e4", "-", "none"])
        from delimiter in Gen.Elements([null, "/", "a", "/a"])
        from max in Gen.Choose(1, 5)
        select (keys, prefix, delimiter, max);

    [Fact]
    public void Pages_are_those_of_the_sorted_keys() => Prop.ForAll(
        Cases.ToArbitrary(),
        @case =>
        {
            var (keys, prefix, delimiter, max) = @case;
            var folder = Path.Combine(Root, "..", Guid.NewGuid().ToString("N"));
            foreach (var key in keys)
            {
                var path = Path.Combine(folder, ObjectKey.PathOf(key));
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, "");
            }
            Directory.CreateDirectory(Path.Combine(folder, "a-empty", "folder"));

            var listed = new List<string>();
            for (var after = ""; after is not null;)
            {
                var query = new ListQuery(prefix, delimiter, after, max);
                var walk = new KeyWalk(folder, prefix, after);
                var page = Listing.Of(query, walk.Keys(), key => key, walk.SkipPast);
                Assert.True(page.Items.Count + page.CommonPrefixes.Count <= max);
                Assert.True(page.Next is null || page.Items.Count + page.CommonPrefixes.Count == max);
                listed.AddRange(page.Items.Concat(page.CommonPrefixes).OrderBy(Encoding.UTF8.GetBytes, new Bytes()));
                after = page.Next;
            }
            Assert.Equal(
                keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal))
                    .Select(key => delimiter is null || key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal) is var end && end < 0 ? key : key[..(end + delimiter.Length)])
                    .Distinct().OrderBy(Encoding.UTF8.GetBytes, new Bytes()),
                listed);
            Directory.Delete(folder, recursive: true);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_order_is_that_of_UTF_8() => Prop.ForAll(
        Gen.Elements(Alphabet).ListOf().Select(string.Concat).Two().ToArbitrary(),
        pair => Assert.Equal(
            Math.Sign(Encoding.UTF8.GetBytes(pair.Item1).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(pair.Item2))),
            Math.Sign(Utf8Order.Instance.Compare(pair.Item1, pair.Item2)))).QuickCheckThrowOnFailure();

    [Fact]
    public async Task An_object_that_goes_while_it_is_being_listed_is_left_out()
    {
        await PutAsync("a", "1");
        await PutAsync("b", "1");
        var walk = new KeyWalk(FileOf(""), "", "");
        using var keys = walk.Keys().GetEnumerator();
        Assert.True(keys.MoveNext());
        File.Delete(FileOf("b"));
        Assert.Equal(["a"], await KeysAsync());
    }

    private sealed class Bytes : IComparer<byte[]>
    {
        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
